//! Numbers as bytes that travel.

/// The bits of a number.
pub fn bits(value: &f64) -> [u8; 8] {
    value.to_bits().to_le_bytes()
}

/// Numbers that are read off bytes one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Numbers<'b>(pub &'b [u8]);

impl Numbers<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    /// The next number.
    pub fn number(&mut self) -> Option<f64> {
        self.word().map(f64::from_bits)
    }

    /// The next 64 bits.
    pub fn word(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    /// The next 32 bits.
    pub fn half(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    /// All that is left, as positions with numbers.
    pub fn pairs(mut self) -> Vec<(u32, f64)> {
        std::iter::from_fn(|| Some((self.half()?, self.number()?))).collect()
    }
}

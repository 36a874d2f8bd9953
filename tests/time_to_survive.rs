//! Time to survive and performance impact: a published case, cases by hand, and what must hold on any.

use linchpin::propagation::time_to_survive::{Good, Operations, Recipe};
use proptest::prelude::*;

/// Case 3.1 of the teaching version of Simchi-Levi et al. 2015 (`tests/fixtures/tts`), in weeks.
fn published() -> Operations {
    let good = |stock, demand, loss| Good { stock, demand, loss };
    let recipe = |maker, good| Recipe { maker, makes: vec![(good, 1.0)], takes: Vec::new() };
    Operations {
        capacity: vec![30.0, 45.0, 60.0],
        goods: vec![good(20.0, 75.0, 5_000.0), good(25.0, 50.0, 6_500.0)],
        recipes: (0..3).flat_map(|maker| [recipe(maker, 0), recipe(maker, 1)]).collect(),
    }
}

#[test]
fn the_published_case_agrees() {
    let case = published();
    let expected: [(&[usize], f64, f64, Option<f64>); 4] = [
        (&[], 0.0, 0.0, None),
        (&[0], 0.0, 0.0, Some(2.25)),
        (&[1], 125_000.0, 25.0, Some(9.0 / 7.0)),
        (&[2], 275_000.0, 55.0, Some(0.9)),
    ];
    for (out, impact, units, survival) in expected {
        let (loss, short) = case.impact(out, 2.0).unwrap();
        assert!((loss - impact).abs() < 1e-6 * impact.max(1.0), "{out:?}: {loss}");
        assert!((short.iter().sum::<f64>() - units).abs() < 1e-6, "{out:?}: {short:?}");
        match (case.survival(out).unwrap(), survival) {
            (Some(time), Some(known)) => assert!((time - known).abs() < 1e-9, "{out:?}: {time}"),
            (time, known) => assert_eq!(time, known, "{out:?}"),
        }
    }
}

#[test]
fn stocks_along_a_chain_add() {
    // ore → metal → car: 3 days of ore at the smelter, 4 of metal at the works, 5 of cars; without the mine 12 days
    let good = |stock, demand| Good { stock, demand, loss: 1.0 };
    let recipe = |maker, good, inputs: &[(usize, f64)]| Recipe {
        maker,
        makes: vec![(good, 1.0)],
        takes: inputs.to_vec(),
    };
    let chain = Operations {
        capacity: vec![1.0; 3],
        goods: vec![good(3.0, 0.0), good(4.0, 0.0), good(5.0, 1.0)],
        recipes: vec![recipe(0, 0, &[]), recipe(1, 1, &[(0, 1.0)]), recipe(2, 2, &[(1, 1.0)])],
    };
    let survival = |out: &[usize]| chain.survival(out).unwrap().unwrap();
    assert!((survival(&[0]) - 12.0).abs() < 1e-9);
    assert!((survival(&[1]) - 9.0).abs() < 1e-9);
    assert!((survival(&[2]) - 5.0).abs() < 1e-9);
    assert!((chain.impact(&[0], 20.0).unwrap().0 - 8.0).abs() < 1e-9);
}

#[test]
fn a_recipe_without_its_good_is_refused() {
    let broken = Operations {
        capacity: vec![1.0],
        goods: vec![Good::default()],
        recipes: vec![Recipe { maker: 0, makes: vec![(3, 1.0)], takes: Vec::new() }],
    };
    assert!(broken.survival(&[]).is_err());
}

/// Two tiers: makers of parts, makers of ends that take parts, random stocks and demands.
fn operations() -> impl Strategy<Value = Operations> {
    let parts = prop::collection::vec((1_u8..60, 0_u8..40), 1..4);
    let ends = prop::collection::vec((1_u8..60, 0_u8..40, 0_u8..30, 1_u8..9), 1..4);
    (parts, ends, prop::collection::vec(any::<u8>(), 9)).prop_map(|(parts, ends, bits)| {
        let mut operations = Operations::default();
        for (maker, (capacity, stock)) in parts.iter().enumerate() {
            operations.capacity.push(f64::from(*capacity));
            operations.goods.push(Good { stock: f64::from(*stock), demand: 0.0, loss: 0.0 });
            operations.recipes.push(Recipe { maker, makes: vec![(maker, 1.0)], takes: Vec::new() });
        }
        for (at, (capacity, stock, demand, loss)) in ends.iter().enumerate() {
            let good = operations.goods.len();
            operations.capacity.push(f64::from(*capacity));
            operations.goods.push(Good {
                stock: f64::from(*stock),
                demand: f64::from(*demand),
                loss: f64::from(*loss),
            });
            let quantity = |part: usize| f64::from(bits[(at * 3 + part) % bits.len()] % 3);
            let takes =
                (0..parts.len()).map(|part| (part, quantity(part))).filter(|(_, u)| *u > 0.0).collect();
            operations.recipes.push(Recipe { maker: good, makes: vec![(good, 1.0)], takes });
        }
        operations
    })
}

proptest! {
    #[test]
    fn who_survives_until_recovery_has_no_impact(case in operations(), days in 1_u8..20, who in 0_usize..7) {
        let out = [who % case.capacity.len()];
        let days = f64::from(days);
        let (impact, _) = case.impact(&out, days).unwrap();
        let survival = case.survival(&out).unwrap().unwrap_or(f64::INFINITY);
        // equal within rounding counts as either
        if (survival - days).abs() > 1e-6 {
            prop_assert_eq!(survival > days, impact < 1e-7, "survives {} of {}, impact {}", survival, days, impact);
        }
        prop_assert!(case.impact(&out, days * 2.0).unwrap().0 >= impact - 1e-6);
    }
}

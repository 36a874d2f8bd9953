//! Points, rectangles, curves, and where a line meets the outline of a shape.

use crate::diagram::picture::Shape;

/// A point, in points of 1/72 inch; y grows downwards.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

impl Point {
    /// The point at these coordinates.
    pub fn new(x: f64, y: f64) -> Self {
        Point { x, y }
    }

    /// This point moved by `length` along `direction`.
    pub fn along(self, direction: Point, length: f64) -> Point {
        Point::new(self.x + direction.x * length, self.y + direction.y * length)
    }

    /// The unit vector from here to `other`; to the right when they coincide.
    pub fn towards(self, other: Point) -> Point {
        let (dx, dy) = (other.x - self.x, other.y - self.y);
        let length = dx.hypot(dy);
        if length < 1e-9 { Point::new(1.0, 0.0) } else { Point::new(dx / length, dy / length) }
    }

    /// The distance to `other`.
    pub fn distance(self, other: Point) -> f64 {
        (other.x - self.x).hypot(other.y - self.y)
    }
}

/// An upright rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    /// Its left side.
    pub x: f64,
    /// Its top.
    pub y: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
}

impl Rect {
    /// The rectangle of this size around a centre.
    pub fn around(centre: Point, width: f64, height: f64) -> Self {
        Rect { x: centre.x - width / 2.0, y: centre.y - height / 2.0, width, height }
    }

    /// The right side.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// The bottom.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// The centre.
    pub fn centre(&self) -> Point {
        Point::new(self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// The rectangle grown by `by` on every side.
    pub fn grown(&self, by: f64) -> Rect {
        Rect { x: self.x - by, y: self.y - by, width: self.width + 2.0 * by, height: self.height + 2.0 * by }
    }

    /// Whether the two share more than a border.
    pub fn overlaps(&self, other: &Rect) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }

    /// Whether the point lies inside.
    pub fn contains(&self, point: Point) -> bool {
        point.x > self.x && point.x < self.right() && point.y > self.y && point.y < self.bottom()
    }

    /// The smallest rectangle around both.
    pub fn union(&self, other: &Rect) -> Rect {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let (right, bottom) = (self.right().max(other.right()), self.bottom().max(other.bottom()));
        Rect { x, y, width: right - x, height: bottom - y }
    }

    /// The rectangle moved.
    pub fn moved(&self, dx: f64, dy: f64) -> Rect {
        Rect { x: self.x + dx, y: self.y + dy, ..*self }
    }
}

/// A cubic Bézier segment, from wherever the curve is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cubic {
    /// The first control point.
    pub c1: Point,
    /// The second control point.
    pub c2: Point,
    /// The end.
    pub end: Point,
}

/// A smooth line: a start and cubic segments.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Where it starts.
    pub start: Point,
    /// Its segments, each from the end of the one before.
    pub segments: Vec<Cubic>,
}

impl Curve {
    /// A curve without segments.
    pub fn from(start: Point) -> Self {
        Curve { start, segments: Vec::new() }
    }

    /// Where it ends.
    pub fn end(&self) -> Point {
        self.segments.last().map_or(self.start, |segment| segment.end)
    }

    /// Adds a segment that leaves and arrives horizontally.
    pub fn level_to(&mut self, end: Point) {
        let start = self.end();
        let reach = (end.x - start.x) * 0.5;
        self.segments.push(Cubic {
            c1: Point::new(start.x + reach, start.y),
            c2: Point::new(end.x - reach, end.y),
            end,
        });
    }

    /// Adds a straight segment.
    pub fn line_to(&mut self, end: Point) {
        let start = self.end();
        let at = |t: f64| Point::new(start.x + (end.x - start.x) * t, start.y + (end.y - start.y) * t);
        self.segments.push(Cubic { c1: at(1.0 / 3.0), c2: at(2.0 / 3.0), end });
    }

    /// Adds a straight segment unless the curve is there already.
    pub fn line_to_if_apart(&mut self, end: Point) {
        if self.end().distance(end) > 1e-9 {
            self.line_to(end);
        }
    }

    /// Points along the curve, about `step` apart, ends included.
    pub fn samples(&self, step: f64) -> Vec<Point> {
        let mut points = vec![self.start];
        let mut from = self.start;
        for segment in &self.segments {
            let length = from.distance(segment.c1)
                + segment.c1.distance(segment.c2)
                + segment.c2.distance(segment.end);
            let count = ((length / step).ceil() as usize).clamp(1, 400);
            for i in 1..=count {
                points.push(bezier(from, segment, i as f64 / count as f64));
            }
            from = segment.end;
        }
        points
    }

    /// The curve moved.
    pub fn moved(&self, dx: f64, dy: f64) -> Curve {
        let by = |p: Point| Point::new(p.x + dx, p.y + dy);
        let segments =
            self.segments.iter().map(|s| Cubic { c1: by(s.c1), c2: by(s.c2), end: by(s.end) }).collect();
        Curve { start: by(self.start), segments }
    }
}

fn bezier(start: Point, segment: &Cubic, t: f64) -> Point {
    let u = 1.0 - t;
    let (a, b, c, d) = (u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t);
    Point::new(
        a * start.x + b * segment.c1.x + c * segment.c2.x + d * segment.end.x,
        a * start.y + b * segment.c1.y + c * segment.c2.y + d * segment.end.y,
    )
}

/// How far a corner of an octagon is cut.
pub fn octagon_cut(rect: &Rect) -> f64 {
    (rect.height * 0.28).min(9.0)
}

/// How far a hexagon's points reach out.
pub const HEXAGON_POINT: f64 = 8.0;
/// The height of a cylinder's lid.
pub const CYLINDER_LID: f64 = 4.0;

/// How far the outline of a shape stands back from the left and right sides of its rectangle at
/// height `y`.
pub fn setback(shape: Shape, rect: &Rect, y: f64) -> f64 {
    let half = (rect.height / 2.0).max(1e-9);
    let off_centre = ((y - rect.centre().y).abs() / half).min(1.0);
    match shape {
        Shape::Box | Shape::Rounded | Shape::Cylinder => 0.0,
        Shape::Octagon => {
            let cut = octagon_cut(rect);
            (off_centre * half - (half - cut)).max(0.0)
        }
        Shape::Ellipse => rect.width / 2.0 * (1.0 - (1.0 - off_centre * off_centre).sqrt()),
        Shape::Hexagon => HEXAGON_POINT * off_centre,
    }
}

/// Where the line from the centre of a shape in `direction` leaves its outline.
pub fn border_point(shape: Shape, rect: &Rect, direction: Point) -> Point {
    let inside = |p: Point| {
        let back = setback(shape, rect, p.y);
        p.y >= rect.y && p.y <= rect.bottom() && p.x >= rect.x + back && p.x <= rect.right() - back
    };
    // All outlines are convex, so bisection finds the one crossing.
    let (mut low, mut high) = (0.0, rect.width + rect.height);
    for _ in 0..40 {
        let middle = (low + high) / 2.0;
        if inside(rect.centre().along(direction, middle)) { low = middle } else { high = middle }
    }
    rect.centre().along(direction, low)
}

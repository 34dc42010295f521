//! Values for the tests: repeatable, and different from field to field, so that swapped fields are noticed.

/// Makes values. Numbers have at least four digits and texts end in a number, by which the tests recognise them.
pub struct Sampler {
    state: u64,
    next_number: i32,
}

impl Sampler {
    pub fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(2).wrapping_add(1), next_number: 0 }
    }

    pub fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
        self.state >> 33
    }

    fn number(&mut self) -> i32 {
        self.next_number += 1;
        self.next_number
    }

    /// True three times out of four.
    pub fn chance(&mut self) -> bool {
        !self.random().is_multiple_of(4)
    }

    /// A length for an array.
    pub fn count(&mut self) -> usize {
        (self.random() % 4) as usize
    }

    pub fn bool(&mut self) -> bool {
        self.random().is_multiple_of(2)
    }

    pub fn i8(&mut self) -> i8 {
        (self.random() % 100) as i8
    }

    pub fn i16(&mut self) -> i16 {
        (1_000 + self.number() % 30_000) as i16
    }

    pub fn i32(&mut self) -> i32 {
        100_000 + self.number()
    }

    pub fn i64(&mut self) -> i64 {
        10_000_000_000 + i64::from(self.number())
    }

    /// Bytes whose hexadecimal form has no decimal digit.
    pub fn uuid(&mut self) -> [u8; 16] {
        std::array::from_fn(|_| {
            let (high, low) = (self.random() % 6, self.random() % 6);
            ((10 + high) << 4 | (10 + low)) as u8
        })
    }

    pub fn string(&mut self) -> &'static str {
        // Now and then longer than one byte of compact length can say.
        let prefix = if self.random().is_multiple_of(8) { "long".repeat(50) } else { "é".into() };
        Box::leak(format!("{prefix}{}", 1_000 + self.number()).into_boxed_str())
    }

    pub fn bytes(&mut self) -> &'static [u8] {
        let len = (self.random() % 200) as usize;
        Box::leak((0..len).map(|_| b'a' + (self.random() % 26) as u8).collect())
    }
}

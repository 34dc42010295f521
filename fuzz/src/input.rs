//! Reads a target's input as a program: numbers and stretches of bytes; zeros when it is used up.

/// What is left of the input.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn u8(&mut self) -> u8 {
        match self.0.split_first() {
            Some((&first, rest)) => {
                self.0 = rest;
                first
            }
            None => 0,
        }
    }

    pub fn bool(&mut self) -> bool {
        self.u8() & 1 != 0
    }

    pub fn u16(&mut self) -> u16 {
        u16::from_le_bytes([self.u8(), self.u8()])
    }

    pub fn u64(&mut self) -> u64 {
        u64::from_le_bytes([0; 8].map(|_: u8| self.u8()))
    }

    /// Below `count`, which is at most 256.
    pub fn below(&mut self, count: usize) -> usize {
        usize::from(self.u8()) % count.max(1)
    }

    /// A number of any size, small and extreme ones most of the time.
    pub fn number(&mut self) -> i64 {
        match self.below(8) {
            0 => i64::from(self.u8()),
            1 => -i64::from(self.u8()),
            2 => i64::from(self.u16()),
            3 => i64::from(i32::MAX) - i64::from(self.u8() & 3),
            4 => i64::from(i32::MIN) + i64::from(self.u8() & 3),
            5 => i64::MAX - i64::from(self.u8() & 3),
            6 => i64::MIN + i64::from(self.u8() & 3),
            _ => self.u64() as i64,
        }
    }

    /// Up to `len` bytes.
    pub fn take(&mut self, len: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Up to 255 bytes.
    pub fn bytes(&mut self) -> &'a [u8] {
        let len = usize::from(self.u8());
        self.take(len)
    }

    /// Like [`Input::bytes`], or nothing at all.
    pub fn optional_bytes(&mut self) -> Option<&'a [u8]> {
        self.bool().then(|| self.bytes())
    }

    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}

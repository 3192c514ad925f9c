//! A text that grows while it is rendered, up to a limit: what is longer is never made.

use std::io::{Error, Write};

/// Takes what is rendered, and refuses what goes beyond the limit.
#[derive(Debug)]
pub(super) struct Bounded {
    text: Vec<u8>,
    /// In bytes.
    most: usize,
    full: bool,
}

impl Bounded {
    /// Takes at most so many bytes.
    pub(super) fn new(most: usize) -> Self {
        Self { text: Vec::new(), most, full: false }
    }

    /// Whether something was refused.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// What was taken.
    pub(super) fn into_string(self) -> String {
        // What is rendered comes as text.
        String::from_utf8(self.text)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

impl Write for &mut Bounded {
    fn write(&mut self, piece: &[u8]) -> Result<usize, Error> {
        if piece.len() > self.most.saturating_sub(self.text.len()) {
            self.full = true;
            return Err(Error::other(format!("more than {} bytes", self.most)));
        }
        self.text.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_beyond_the_limit_is_never_held() {
        let mut text = Bounded::new(10);
        let mut out = &mut text;
        assert!(out.write_all("äääää".as_bytes()).is_ok());
        assert!(out.write_all(b"").is_ok());
        assert!(out.write_all(&[b'x'; 1000]).is_err());
        assert!(text.is_full());
        assert_eq!(text.text.len(), 10);
        assert_eq!(text.into_string(), "äääää");
    }
}

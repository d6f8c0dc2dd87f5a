//! The JSON of claims on its way into a token: on the stack while it is small.

use alloc::vec::Vec;

use serde::Serialize;

use crate::error::Error;

/// Claims of up to so many bytes are written on the stack. Most are under half of it.
#[cfg(feature = "std")]
const STACK: usize = 512;

/// Where the JSON is written.
#[derive(Debug)]
pub(crate) struct JsonBuffer {
    #[cfg(feature = "std")]
    stack: [u8; STACK],
    #[cfg(feature = "std")]
    len: usize,
    /// All of it, once it has outgrown the stack; always without `std`, where `serde_json` writes
    /// into vectors alone.
    heap: Vec<u8>,
}

impl JsonBuffer {
    pub(crate) const fn new() -> Self {
        Self {
            #[cfg(feature = "std")]
            stack: [0; STACK],
            #[cfg(feature = "std")]
            len: 0,
            heap: Vec::new(),
        }
    }

    /// Writes the claims as a JSON object, which RFC 7519 §3 wants them to be.
    pub(crate) fn write_object<C: Serialize + ?Sized>(
        &mut self,
        claims: &C,
    ) -> Result<&[u8], Error> {
        self.write(claims).map_err(|error| Error::encode(alloc::format!("{error}")))?;
        let json = self.written();
        if json.first() == Some(&b'{') {
            Ok(json)
        } else {
            Err(Error::encode("claims must be a JSON object: a struct or a map"))
        }
    }
}

#[cfg(not(feature = "std"))]
impl JsonBuffer {
    fn write<C: Serialize + ?Sized>(&mut self, claims: &C) -> serde_json::Result<()> {
        self.heap = serde_json::to_vec(claims)?;
        Ok(())
    }

    fn written(&self) -> &[u8] {
        &self.heap
    }
}

#[cfg(feature = "std")]
impl JsonBuffer {
    fn write<C: Serialize + ?Sized>(&mut self, claims: &C) -> serde_json::Result<()> {
        serde_json::to_writer(self, claims)
    }

    fn written(&self) -> &[u8] {
        if self.heap.is_empty() {
            self.stack.get(..self.len).unwrap_or_default()
        } else {
            &self.heap
        }
    }
}

#[cfg(feature = "std")]
impl std::io::Write for JsonBuffer {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let end = self.len.saturating_add(bytes.len());
        if self.heap.is_empty() {
            if let Some(room) = self.stack.get_mut(self.len..end) {
                room.copy_from_slice(bytes);
                self.len = end;
                return Ok(());
            }
            let written = self.stack.get(..self.len).unwrap_or_default();
            self.heap.extend_from_slice(written);
        }
        self.heap.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

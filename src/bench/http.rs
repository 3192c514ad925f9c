//! Just enough HTTP to keep a connection alive and read whole answers. The generator of load
//! shares the machine with what it measures, so it must cost next to nothing: a request is bytes
//! that were made before, and an answer is a status and a body.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One keep-alive connection.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    pub(super) body: &'a [u8],
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(4096) })
    }

    /// Sends a request and waits for its whole answer.
    pub(super) async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (status, head, length) = loop {
            self.read_some().await?;
            if let Some(head) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                let (status, length) = read_head(&self.buffer[..head]).ok_or_else(strange)?;
                break (status, head + 4, length);
            }
        };
        while self.buffer.len() < head + length {
            self.read_some().await?;
        }
        Ok(Answer { status, body: &self.buffer[head..head + length] })
    }

    async fn read_some(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// Status and length of the body.
fn read_head(head: &[u8]) -> Option<(u16, usize)> {
    let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(Some(0), |(_, value)| value.trim().parse().ok())?;
    Some((status, length))
}

fn strange() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the answer is not HTTP/1.1")
}

/// A request as bytes.
pub(super) fn request(method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_tells_status_and_length() {
        assert_eq!(read_head(b"HTTP/1.1 200 OK\r\nContent-Length: 12"), Some((200, 12)));
        assert_eq!(read_head(b"HTTP/1.1 204 No Content\r\ndate: x"), Some((204, 0)));
        assert_eq!(read_head(b"nonsense"), None);
    }

    #[test]
    fn a_request_ends_its_headers() {
        let bytes = request("POST", "/x", "a: b\r\n", b"{}");
        let text = String::from_utf8(bytes).expect("ASCII");
        assert!(text.ends_with("content-length: 2\r\na: b\r\n\r\n{}"), "{text}");
    }
}

//! Proxies that pass connections on: HTTP's CONNECT and SOCKS 5. All connections go to one server, whatever its name.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::TcpStream;

use super::Peer;

/// A proxy, and what it was told.
pub(crate) struct Proxy {
    peer: Peer,
    told: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// One of HTTP. With a login, it wants `Basic` and this in base64.
    pub(crate) fn http(server: &str, login: Option<&'static str>) -> Self {
        Self::new(server, move |mut stream, server, told| async move {
            let head = head(&mut stream).await?;
            let let_in =
                login.is_none_or(|login| head.contains(&format!("proxy-authorization: Basic {login}\r\n")));
            told.lock().unwrap().push(head);
            if !let_in {
                let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
                return stream.write_all(refusal).await;
            }
            let mut server = TcpStream::connect(server).await?;
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
            copy_bidirectional(&mut stream, &mut server).await.map(drop)
        })
    }

    /// One of SOCKS 5. With a login, it wants `user:password`.
    pub(crate) fn socks5(server: &str, login: Option<&'static str>) -> Self {
        Self::new(server, move |mut stream, server, told| async move {
            let [_, methods] = exactly(&mut stream).await?;
            let methods = read(&mut stream, methods.into()).await?;
            match login {
                Some(_) if !methods.contains(&2) => return stream.write_all(&[5, 0xff]).await,
                Some(login) => {
                    stream.write_all(&[5, 2]).await?;
                    let [_, user] = exactly(&mut stream).await?;
                    let user = read(&mut stream, user.into()).await?;
                    let [password] = exactly(&mut stream).await?;
                    let password = read(&mut stream, password.into()).await?;
                    let given = [&user[..], b":", &password].concat();
                    let refused = u8::from(given != login.as_bytes());
                    stream.write_all(&[1, refused]).await?;
                    if refused == 1 {
                        return Ok(());
                    }
                }
                None => stream.write_all(&[5, 0]).await?,
            }
            let [_, _, _, kind] = exactly(&mut stream).await?;
            let host = if kind == 1 {
                let octets: [u8; 4] = exactly(&mut stream).await?;
                std::net::Ipv4Addr::from(octets).to_string()
            } else {
                let [length] = exactly(&mut stream).await?;
                String::from_utf8(read(&mut stream, length.into()).await?).unwrap()
            };
            let port = u16::from_be_bytes(exactly(&mut stream).await?);
            told.lock().unwrap().push(format!("{host}:{port}"));
            let mut server = TcpStream::connect(server).await?;
            stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
            copy_bidirectional(&mut stream, &mut server).await.map(drop)
        })
    }

    fn new<F>(
        server: &str,
        serve: impl Fn(TcpStream, String, Arc<Mutex<Vec<String>>>) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = std::io::Result<()>> + Send + 'static,
    {
        let told = Arc::new(Mutex::new(Vec::new()));
        let (server, telling) = (server.to_owned(), Arc::clone(&told));
        let peer = Peer::tcp(move |stream| {
            let passed = serve(stream, server.clone(), Arc::clone(&telling));
            async move { drop(passed.await) }
        });
        Self { peer, told }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.peer.address
    }

    /// What it was told with each connection.
    pub(crate) fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }
}

async fn head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

async fn exactly<const N: usize>(stream: &mut TcpStream) -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

async fn read(stream: &mut TcpStream, length: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

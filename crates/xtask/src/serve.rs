//! A file server for the built page, on this machine only.

use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use anyhow::{Result, anyhow};
use tiny_http::{Header, Method, Request, Response, Server};

/// Enough for a browser's parallel connections while a large file is under way.
const THREADS: usize = 4;

/// A folder that is being served; dropping it ends that.
pub struct Site {
    server: Arc<Server>,
    threads: Vec<JoinHandle<()>>,
}

impl Site {
    /// Serves a folder on a port of this machine; port 0 takes any free one.
    ///
    /// # Errors
    /// If the folder is missing or the port is busy.
    pub fn open(folder: &Path, port: u16) -> Result<Self> {
        let folder = fs::canonicalize(folder)
            .map_err(|error| anyhow!("{} cannot be served: {error}", folder.display()))?;
        let server = Server::http(("127.0.0.1", port))
            .map_err(|error| anyhow!("port {port} cannot be used: {error}"))?;
        let server = Arc::new(server);
        let threads = (0..THREADS).map(|_| {
            let (server, folder) = (Arc::clone(&server), folder.clone());
            thread::spawn(move || answer_all(&server, &folder))
        });
        Ok(Self {
            threads: threads.collect(),
            server,
        })
    }

    /// The address of the page.
    pub fn address(&self) -> String {
        format!("http://{}/", self.server.server_addr())
    }

    /// Serves until the process ends.
    ///
    /// # Errors
    /// If the server breaks down.
    pub fn wait(mut self) -> Result<()> {
        for thread in self.threads.drain(..) {
            thread
                .join()
                .map_err(|_| anyhow!("the server broke down"))?;
        }
        Ok(())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        for _ in &self.threads {
            self.server.unblock();
        }
    }
}

fn answer_all(server: &Server, folder: &Path) {
    for request in server.incoming_requests() {
        // A visitor who leaves in the middle of a file is nobody's error.
        let _ = answer(request, folder);
    }
}

fn answer(request: Request, folder: &Path) -> io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return request.respond(Response::empty(405));
    }
    let Some(path) = file_of(folder, request.url()) else {
        return request.respond(Response::empty(404));
    };
    let Ok(file) = File::open(&path) else {
        return request.respond(Response::empty(404));
    };
    let mut response = Response::from_file(file);
    for (name, value) in [
        ("Content-Type", mime(&path)),
        // A rebuilt page must not meet yesterday's files.
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ] {
        if let Ok(header) = Header::from_bytes(name, value) {
            response.add_header(header);
        }
    }
    request.respond(response)
}

/// The file of an address, or `None` where there is none or it would be outside the folder.
fn file_of(folder: &Path, url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let relative = Path::new(path.trim_start_matches('/'));
    if !relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
    {
        return None;
    }
    let mut file = folder.join(relative);
    if file.is_dir() {
        file.push("index.html");
    }
    file.is_file().then_some(file)
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "webmanifest") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("md" | "txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;

    fn get(site: &Site, path: &str) -> String {
        let address = site.address();
        let host = address.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn files_come_with_their_type_and_nothing_else_does() {
        let outside = tempfile::tempdir().unwrap();
        let folder = outside.path().join("dist");
        fs::create_dir(&folder).unwrap();
        fs::write(outside.path().join("secret"), "secret").unwrap();
        fs::write(folder.join("index.html"), "the page").unwrap();
        fs::write(folder.join("a.wasm"), "module").unwrap();
        let site = Site::open(&folder, 0).unwrap();

        let page = get(&site, "/?device=cpu");
        assert!(
            page.starts_with("HTTP/1.1 200") && page.ends_with("the page"),
            "{page}"
        );
        assert!(page.contains("text/html"));
        assert!(get(&site, "/a.wasm").contains("application/wasm"));
        assert!(get(&site, "/missing").starts_with("HTTP/1.1 404"));
        let escape = get(&site, "/../secret");
        assert!(escape.starts_with("HTTP/1.1 404"), "{escape}");
    }

    #[test]
    fn a_busy_port_and_a_missing_folder_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let site = Site::open(folder.path(), 0).unwrap();
        let port = site.server.server_addr().to_ip().unwrap().port();
        assert!(Site::open(folder.path(), port).is_err());
        assert!(Site::open(&folder.path().join("none"), 0).is_err());
    }
}

//! A file that is read page by page, as parsers ask for it.
//!
//! Parsers want `Read + Seek` at once, a browser gives bytes later. So a read of a page that is not
//! here yet fails and notes which page it was; the page is fetched and the parser starts again.
//! Headers are small, so this reads little of even the longest file.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use web_sys::Blob;

use super::error::VideoError;
use crate::dom;

const PAGE: u64 = 256 << 10;
/// Pages fetched at once: tables and clusters are mostly read onwards.
const AHEAD: u64 = 4;
const MOST_PAGES: usize = 1024;

/// The pages that are here.
struct Pages {
    here: RefCell<HashMap<u64, Vec<u8>>>,
    missing: Cell<Option<u64>>,
    size: u64,
}

/// A reader over the pages that are here.
#[derive(Clone)]
pub(crate) struct SparseFile {
    pages: Rc<Pages>,
    position: u64,
}

impl Read for SparseFile {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.pages.size || into.is_empty() {
            return Ok(0);
        }
        let number = self.position / PAGE;
        let here = self.pages.here.borrow();
        let Some(page) = here.get(&number) else {
            self.pages.missing.set(Some(number));
            return Err(io::Error::other("not read yet"));
        };
        let rest = page.get((self.position % PAGE) as usize..).unwrap_or(&[]);
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for SparseFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.pages.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

/// Runs a parser over a file, again and again until every page that it asks for is here.
///
/// What the parser returns while a page is missing does not count.
pub(crate) async fn parse<T>(
    blob: &Blob,
    cancelled: &dyn Fn() -> bool,
    parser: impl Fn(SparseFile) -> T,
) -> Result<T, VideoError> {
    let pages = Rc::new(Pages {
        here: RefCell::default(),
        missing: Cell::new(None),
        size: blob.size() as u64,
    });
    loop {
        if cancelled() {
            return Err(VideoError::Cancelled);
        }
        let result = parser(SparseFile {
            pages: Rc::clone(&pages),
            position: 0,
        });
        let Some(missing) = pages.missing.take() else {
            return Ok(result);
        };
        if pages.here.borrow().len() > MOST_PAGES {
            return Err(VideoError::TooLarge((MOST_PAGES as u64 * PAGE) >> 20));
        }
        let end = ((missing + AHEAD) * PAGE).min(pages.size);
        let bytes = dom::read_slice(blob, missing * PAGE, end).await?;
        let mut here = pages.here.borrow_mut();
        for (page, bytes) in (missing..).zip(bytes.chunks(PAGE as usize)) {
            here.insert(page, bytes.to_vec());
        }
    }
}

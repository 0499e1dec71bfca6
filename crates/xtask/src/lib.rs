//! What the commands share with the browser tests: finding Chromium is theirs alone, but both look
//! at the page through the same file server.

pub mod serve;

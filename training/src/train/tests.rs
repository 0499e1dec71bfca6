//! Whole steps against the references' own: losses, gradients, updates.

mod by_heart;
mod checks;
mod devices;
mod references;

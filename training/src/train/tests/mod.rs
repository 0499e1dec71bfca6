//! Whole steps against the references' own: losses, gradients, updates.

mod checks;
mod devices;
mod overfit;
mod references;

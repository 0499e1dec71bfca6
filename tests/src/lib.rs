//! Helpers of the tests over the whole project: reference vectors and formula weights.

pub mod vectors;

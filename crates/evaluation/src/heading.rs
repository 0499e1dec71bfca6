//! What is said above the tables.

use crate::clip_network::ClipNetwork;
use crate::protocol::Protocol;

/// What is said of all sets together.
pub(crate) struct Heading {
    /// How the clips were cut and what was measured.
    pub(crate) method: String,
    pub(crate) protocol: Protocol,
    pub(crate) device: String,
    pub(crate) yardsticks: Option<String>,
    /// What the perceptual distance may be called.
    pub(crate) distance: Option<String>,
    pub(crate) rfvd: Option<ClipNetwork>,
}

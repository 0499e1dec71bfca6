//! Models, masks and yardsticks measured on sets of clips: PSNR, SSIM, flicker, block grid,
//! perceptual distance, rFVD, and what latents are made of.
//!
//! An [`Evaluation`] does all that a [`Request`] names and puts it into tables. A single
//! reconstruction is measured by [`compare`]:
//!
//! ```
//! # fn main() -> anyhow::Result<()> {
//! use clips::Scene;
//! use evaluation::{Pixels, compare_pixels};
//!
//! let clip = Scene::SlowPan.render(1, 32, 32, 3);
//! let mut darker = Pixels::of(&clip);
//! darker.values.iter_mut().for_each(|value| *value = (*value - 0.1).max(0.0));
//! let score = compare_pixels("darker", &Pixels::of(&clip), &darker)?;
//! assert!(score.psnr > 19.9, "a tenth of the range is 20 dB");
//! # Ok(())
//! # }
//! ```

mod clip_network;
mod coding;
mod content;
mod evaluation;
mod fvd_mode;
mod heading;
mod latents;
mod networks;
mod perceptual_distance;
mod protocol;
mod record;
mod request;
mod rfvd;
mod rows;
mod sample;
mod score;
mod sets;
mod strongest;
mod table;
mod topk;
mod yardsticks;

pub use content::{Band, LatentContent, Path};
pub use evaluation::Evaluation;
pub use fvd_mode::FvdMode;
pub use perceptual_distance::{read_backbone, with_heads};
pub use protocol::Protocol;
pub use record::Provenance;
pub use request::Request;
pub use sample::{Cut, Sample, Scaling, usable};
pub use score::{ClipScore, Pixels, compare, compare_pixels, mean};
pub use strongest::strongest;

//! What the page should show: the same weights, natively, on the CPU.

use std::fs;
use std::path::Path;

use analysis::{Autocorrelation, CoefficientShape, Energy, FrameShape, clip_quality, mean_quality};
use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor, TensorData};
use clips::{Clip, from_planar_f32, to_planar_f32, to_unit_f32};
use protocol::ModelEntry;
use vae::{Autoencoder, ModelConfig};
use wavelet::{Group, MaskChoice, SpatialBand, SpatioTemporalBand, TemporalPath, haar3d, multi_wt};

/// Rows of a table: a name, and one number for each latent channel where it is defined.
pub type Rows = Vec<(String, Vec<Option<f64>>)>;

/// A shipped model.
pub struct Native {
    model: Autoencoder,
}

/// What the page should show of a clip.
pub struct Expected {
    /// The reconstruction.
    pub frames: Clip,
    /// Mean PSNR of its frames, in dB.
    pub psnr: f64,
    /// Mean SSIM of its frames.
    pub ssim: f64,
    /// Share of the latent's energy that is kept, 0 to 1.
    pub retained: f64,
}

impl Native {
    /// Loads a model that the page in `dist` offers.
    ///
    /// # Errors
    /// If its files are missing or do not fit each other.
    pub fn load(dist: &Path, entry: &ModelEntry) -> Result<Self> {
        let models = dist.join("models");
        Self::read(&models.join(&entry.config), &models.join(&entry.weights))
    }

    /// Reads a model from its two files.
    ///
    /// # Errors
    /// If one is missing or they do not fit each other.
    pub fn read(config: &Path, weights: &Path) -> Result<Self> {
        let config = ModelConfig::from_json(&fs::read_to_string(config)?)?;
        let model = Autoencoder::load(&config, &fs::read(weights)?, &Device::flex())?;
        Ok(Self { model })
    }

    /// Encodes a clip, zeroes what the mask drops, decodes and compares.
    ///
    /// # Errors
    /// If the model does not take the clip without padding.
    pub fn reconstruct(&self, original: &Clip, mask: &MaskChoice) -> Result<Expected> {
        let config = self.model.config();
        let extent = original.extent();
        let latent = self.latent(original)?;
        let mask = mask.build(config.channels())?;
        let retained = energy(latent.clone(), config)?.retained(mask.kept());
        let sample = values(self.model.decode(self.model.restore(latent, &mask)?).sample)?;
        let quality = quality(original, &sample)?;
        let frames = from_planar_f32(&sample, extent)?;
        Ok(Expected {
            frames,
            psnr: quality.0,
            ssim: quality.1,
            retained,
        })
    }

    /// Share of the latent's energy in each group, and lag-1 autocorrelation of each one-level band,
    /// by channel: the rows of the page's tables, under their names.
    ///
    /// # Errors
    /// If the model does not take the clip without padding.
    pub fn tables(&self, original: &Clip) -> Result<[Rows; 2]> {
        let config = self.model.config();
        let latent = self.latent(original)?;
        let shares = energy(latent.clone(), config)?.shares();
        let groups = TemporalPath::by_sequency()
            .into_iter()
            .flat_map(|path| SpatialBand::all().map(move |spatial| Group { path, spatial }));
        let shares = groups
            .map(|group| {
                let name = format!("{} {}", group.path.letters(), group.spatial.letters());
                (
                    name,
                    shares[group.index()].iter().copied().map(Some).collect(),
                )
            })
            .collect();

        let bands = haar3d(latent, config.constants());
        let shape = shape(&bands);
        let rho = Autocorrelation::of(&values(bands)?, shape, config.channels())?.rho;
        let rho = SpatioTemporalBand::all()
            .map(|band| band.letters())
            .zip(rho);
        Ok([shares, rho.collect()])
    }

    /// The posterior's mean.
    fn latent(&self, original: &Clip) -> Result<Tensor<5>> {
        let config = self.model.config();
        let extent = original.extent();
        let fits = config.frame_rule().accepts(extent.frames)
            && extent.height.is_multiple_of(config.size_step())
            && extent.width.is_multiple_of(config.size_step());
        ensure!(fits, "{extent:?} would need padding");
        let shape = [1, 3, extent.frames, extent.height, extent.width];
        let clip = TensorData::new(to_planar_f32(original), shape);
        let clip = Tensor::from_data(clip, &Device::flex());
        Ok(self.model.encode(clip).posterior.mode())
    }
}

/// Energy of the Multi-WT groups of a latent whose length needs no padding.
fn energy(latent: Tensor<5>, config: &ModelConfig) -> Result<Energy> {
    let coefficients = multi_wt(latent, config.constants());
    let shape = shape(&coefficients);
    Ok(Energy::of(
        &values(coefficients)?,
        shape,
        config.channels(),
    )?)
}

fn shape(coefficients: &Tensor<5>) -> CoefficientShape {
    let [_, channels, frames, height, width] = coefficients.dims();
    CoefficientShape {
        channels,
        frames,
        height,
        width,
    }
}

/// Mean PSNR and SSIM, of values that are not rounded to bytes.
fn quality(original: &Clip, sample: &[f32]) -> Result<(f64, f64)> {
    let extent = original.extent();
    let shape = FrameShape {
        frames: extent.frames,
        height: extent.height,
        width: extent.width,
    };
    let pixels = sample.len() / 3;
    let unit = |value: f32| ((value + 1.0) / 2.0).clamp(0.0, 1.0);
    let interleaved = (0..pixels).flat_map(|pixel| [0, 1, 2].map(|c| c * pixels + pixel));
    let sample: Vec<f32> = interleaved.map(|index| unit(sample[index])).collect();
    let frames = clip_quality(&to_unit_f32(original), &sample, shape)?;
    let mean = mean_quality(&frames).context("a clip without frames")?;
    Ok((mean.psnr, mean.ssim.context("frames too small for SSIM")?))
}

fn values(tensor: Tensor<5>) -> Result<Vec<f32>> {
    tensor
        .into_data()
        .try_into_vec::<f32>()
        .map_err(|error| anyhow::anyhow!("{error:?}"))
}

/// Mean absolute difference of two clips, in steps of 1/255.
///
/// # Errors
/// If their extents differ.
pub fn difference(a: &Clip, b: &Clip) -> Result<f64> {
    ensure!(
        a.extent() == b.extent(),
        "{:?} is not {:?}",
        a.extent(),
        b.extent()
    );
    let pairs = a.data().iter().zip(b.data());
    let sum: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    Ok(sum as f64 / a.data().len() as f64)
}

//! Metrics that a step leaves on the device until they are all read at once.

use anyhow::Result;
use burn::tensor::{Device, Tensor};

/// Named scalars that are still on a device.
#[derive(Default)]
pub(super) struct DeviceMetrics {
    names: Vec<&'static str>,
    values: Vec<Tensor<1>>,
}

impl DeviceMetrics {
    /// Adds a scalar `[1]`.
    pub(super) fn add(&mut self, name: &'static str, value: Tensor<1>) {
        self.names.push(name);
        self.values.push(value.inner());
    }

    pub(super) fn extend(&mut self, terms: Vec<(&'static str, Tensor<1>)>) {
        for (name, value) in terms {
            self.add(name, value);
        }
    }

    /// Adds those of another device, moved to this one.
    pub(super) fn take(&mut self, other: Self, device: &Device) {
        let moved = other.values.into_iter().map(|x| x.to_device(device));
        self.values.extend(moved);
        self.names.extend(other.names);
    }

    /// All numbers in one transfer; the mean where a name was given more than once.
    pub(super) fn read(self) -> Result<Metrics> {
        let values = Tensor::cat(self.values, 0).into_data().convert::<f32>();
        let values = values
            .try_into_vec::<f32>()
            .map_err(|error| anyhow::anyhow!("the device did not return the loss: {error:?}"))?;
        let mut numbers = Metrics::default();
        for (name, value) in self.names.into_iter().zip(values) {
            numbers.add(name, f64::from(value));
        }
        Ok(numbers)
    }
}

/// Named metrics: sums, and how many there were of each. In the order of their first appearance.
#[derive(Clone, Debug, Default)]
pub(crate) struct Metrics(Vec<(&'static str, f64, u32)>);

impl Metrics {
    fn add(&mut self, name: &'static str, value: f64) {
        match self.0.iter_mut().find(|(known, ..)| *known == name) {
            Some((_, sum, count)) => {
                *sum += value;
                *count += 1;
            }
            None => self.0.push((name, value, 1)),
        }
    }

    /// Takes the means of another step as further numbers.
    pub(crate) fn take(&mut self, step: &Self) {
        for (name, mean) in step.means() {
            self.add(name, mean);
        }
    }

    /// Every name with its mean.
    pub(crate) fn means(&self) -> impl Iterator<Item = (&'static str, f64)> {
        self.0
            .iter()
            .map(|(name, sum, count)| (*name, sum / f64::from(*count)))
    }

    /// The mean of a name; `None` if there was none.
    pub(crate) fn mean(&self, name: &str) -> Option<f64> {
        self.means()
            .find(|(known, _)| *known == name)
            .map(|(_, mean)| mean)
    }

    pub(crate) fn all_finite(&self) -> bool {
        self.means().all(|(_, mean)| mean.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_twice_is_averaged() {
        let scalar = |value: f32| Tensor::<1>::from_floats([value], &Device::flex());
        let mut metrics = DeviceMetrics::default();
        metrics.extend(vec![("l1", scalar(1.0)), ("kl", scalar(5.0))]);
        metrics.add("l1", scalar(2.0));
        let mut numbers = metrics.read().unwrap();
        assert_eq!(numbers.mean("l1"), Some(1.5));
        assert_eq!(
            (numbers.mean("kl"), numbers.mean("loss")),
            (Some(5.0), None)
        );
        numbers.take(&numbers.clone());
        assert_eq!(numbers.mean("l1"), Some(1.5));
        assert!(numbers.all_finite());
        numbers.add("kl", f64::NAN);
        assert!(!numbers.all_finite());
    }
}

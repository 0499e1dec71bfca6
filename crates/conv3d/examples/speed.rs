//! GFLOP/s of this convolution beside Burn's own: `cargo run --release -p conv3d --features autodiff --example speed`.

use std::time::Instant;

use burn::tensor::module::conv3d as burn_conv3d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Distribution, Tensor};

fn main() {
    println!(
        "{:>9} {:>12} {:>8} {:>8} {:>8} {:>8}",
        "channels", "size", "forward", "burn", "both", "burn"
    );
    for (channels, size) in [
        (16, [16, 24, 24]),
        (32, [16, 24, 24]),
        (64, [8, 12, 12]),
        (64, [8, 6, 6]),
        (128, [8, 32, 32]),
    ] {
        let device = Device::flex().autodiff();
        let x = Tensor::<5>::random(
            [1, channels, size[0], size[1], size[2]],
            Distribution::Default,
            &device,
        )
        .require_grad();
        let weight = Tensor::<5>::random(
            [channels, channels, 3, 3, 3],
            Distribution::Default,
            &device,
        )
        .require_grad();
        let bias = Tensor::<1>::random([channels], Distribution::Default, &device).require_grad();
        let flop = 2.0 * 27.0 * (channels * channels * size.iter().product::<usize>()) as f64;
        let ours = || conv3d::conv3d(x.clone(), weight.clone(), bias.clone(), [1; 3]);
        let theirs = || {
            let options = ConvOptions::new([1; 3], [1; 3], [1; 3], 1);
            burn_conv3d(x.clone(), weight.clone(), Some(bias.clone()), options)
        };
        let speeds = [
            flop / seconds(|| drop(ours())),
            flop / seconds(|| drop(theirs())),
            3.0 * flop / seconds(|| drop(ours().sum().backward())),
            3.0 * flop / seconds(|| drop(theirs().sum().backward())),
        ]
        .map(|speed| speed / 1e9);
        println!(
            "{channels:>9} {:>12} {:>8.1} {:>8.1} {:>8.1} {:>8.1}",
            format!("{size:?}"),
            speeds[0],
            speeds[1],
            speeds[2],
            speeds[3]
        );
    }
}

fn seconds(work: impl Fn()) -> f64 {
    work();
    (0..5)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}

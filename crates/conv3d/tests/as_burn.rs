//! The operation and its gradients against Burn's own.
#![cfg(feature = "autodiff")]

use burn::tensor::module::conv3d as burn_conv3d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Distribution, Tensor};

/// Batch, channels in and out, size, kernel, padding.
struct Case(usize, usize, usize, [usize; 3], [usize; 3], [usize; 3]);

const CASES: &[Case] = &[
    Case(1, 1, 1, [1, 1, 1], [1, 1, 1], [0, 0, 0]),
    Case(2, 3, 5, [4, 5, 6], [3, 3, 3], [1, 1, 1]),
    Case(1, 4, 4, [6, 7, 9], [3, 3, 3], [0, 1, 1]),
    Case(1, 8, 16, [2, 24, 24], [1, 3, 3], [0, 1, 1]),
    Case(2, 6, 7, [3, 9, 8], [1, 1, 1], [0, 0, 0]),
    Case(1, 2, 9, [3, 5, 5], [3, 1, 1], [1, 0, 0]),
    // Wider than one tile and longer than one block of positions.
    Case(1, 5, 6, [5, 40, 70], [3, 3, 3], [1, 1, 1]),
    Case(1, 3, 2, [5, 9, 130], [2, 5, 5], [1, 2, 4]),
];

fn random<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), device).require_grad()
}

fn assert_close<const D: usize>(name: &str, ours: Tensor<D>, theirs: Tensor<D>) {
    assert_eq!(ours.dims(), theirs.dims(), "{name}");
    let largest: f32 = theirs.clone().abs().max().into_scalar();
    let difference: f32 = (ours - theirs).abs().max().into_scalar();
    assert!(
        difference <= 1e-5 * largest.max(1.0),
        "{name}: off by {difference}, largest {largest}"
    );
}

#[test]
fn output_and_gradients_are_those_of_burn() {
    let device = Device::flex().autodiff();
    device.seed(3);
    for Case(batch, c_in, c_out, [t, h, w], [kt, kh, kw], padding) in CASES {
        let x = random([*batch, *c_in, *t, *h, *w], &device);
        let weight = random([*c_out, *c_in, *kt, *kh, *kw], &device);
        let bias = random([*c_out], &device);

        let ours = conv3d::conv3d(x.clone(), weight.clone(), bias.clone(), *padding);
        let options = ConvOptions::new([1; 3], *padding, [1; 3], 1);
        let theirs = burn_conv3d(x.clone(), weight.clone(), Some(bias.clone()), options);
        // A random weight for every output number, so that no two are confused.
        let pull = random(ours.dims(), &device).detach();
        let ours_back = (ours.clone() * pull.clone()).sum().backward();
        let theirs_back = (theirs.clone() * pull).sum().backward();

        assert_close("output", ours.inner(), theirs.inner());
        let pairs = |tensor: &Tensor<5>| (tensor.grad(&ours_back), tensor.grad(&theirs_back));
        for (name, pair) in [("dx", pairs(&x)), ("dw", pairs(&weight))] {
            let (Some(ours), Some(theirs)) = pair else {
                panic!("{name} is missing")
            };
            assert_close(name, ours, theirs);
        }
        let (Some(ours), Some(theirs)) = (bias.grad(&ours_back), bias.grad(&theirs_back)) else {
            panic!("db is missing")
        };
        assert_close("db", ours, theirs);
    }
}

#[test]
fn frozen_weights_get_no_gradient_and_do_not_stop_the_input_s() {
    let device = Device::flex().autodiff();
    let x = random([1, 2, 3, 4, 5], &device);
    let weight = Tensor::<5>::ones([3, 2, 3, 3, 3], &device);
    let bias = Tensor::<1>::ones([3], &device);
    let y = conv3d::conv3d(x.clone(), weight.clone(), bias, [1; 3]);
    let gradients = y.sum().backward();
    assert!(x.grad(&gradients).is_some());
    assert!(weight.grad(&gradients).is_none());
}

#[test]
fn without_gradients_the_output_is_the_same() {
    let device = Device::flex();
    let x = Tensor::<5>::random([1, 3, 4, 6, 7], Distribution::Default, &device);
    let weight = Tensor::<5>::random([4, 3, 3, 3, 3], Distribution::Default, &device);
    let bias = Tensor::<1>::random([4], Distribution::Default, &device);
    let ours = conv3d::conv3d(x.clone(), weight.clone(), bias.clone(), [1; 3]);
    let options = ConvOptions::new([1; 3], [1; 3], [1; 3], 1);
    assert_close("output", ours, burn_conv3d(x, weight, Some(bias), options));
}

/// Burn's grouped convolution on the same numbers, channels second.
fn grouped(x: Tensor<5>, weight: Tensor<5>, bias: Tensor<1>) -> Tensor<5> {
    let options = ConvOptions::new([1; 3], [0, 1, 1], [1; 3], bias.dims()[0]);
    let x = x.permute([0, 4, 1, 2, 3]);
    burn_conv3d(x, weight, Some(bias), options).permute([0, 2, 3, 4, 1])
}

#[test]
fn depthwise_output_and_gradients_are_those_of_burn() {
    let device = Device::flex().autodiff();
    device.seed(4);
    for [batch, t, h, w, c] in [[1, 3, 1, 1, 1], [2, 5, 4, 3, 24], [1, 4, 2, 6, 7]] {
        let x = random([batch, t, h, w, c], &device);
        let weight = random([c, 1, 3, 3, 3], &device);
        let bias = random([c], &device);
        let ours = conv3d::depthwise(x.clone(), weight.clone(), bias.clone());
        let theirs = grouped(x.clone(), weight.clone(), bias.clone());
        let pull = random(ours.dims(), &device).detach();
        let ours_back = (ours.clone() * pull.clone()).sum().backward();
        let theirs_back = (theirs.clone() * pull).sum().backward();

        assert_close("output", ours.inner(), theirs.inner());
        for (name, tensor) in [("dx", &x), ("dw", &weight)] {
            let (a, b) = (tensor.grad(&ours_back), tensor.grad(&theirs_back));
            assert_close(name, a.expect(name), b.expect(name));
        }
        let (a, b) = (bias.grad(&ours_back), bias.grad(&theirs_back));
        assert_close("db", a.expect("db"), b.expect("db"));
    }
}

//! Small files in the layouts of `torch.save`, written by Python's own pickler: a training
//! checkpoint as WF-VAE's code saves it, with optimiser state, settings and two sets of weights.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::path::Path;

use torchfile::TorchFile;

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/torchfile");
    std::fs::read(folder.join(name)).unwrap()
}

const FILES: [&str; 3] = [
    "checkpoint.ckpt",
    "checkpoint-4.ckpt",
    "checkpoint-old.ckpt",
];

#[test]
fn every_dict_of_tensors_is_found_and_read() {
    for name in FILES {
        let bytes = fixture(name);
        assert!(TorchFile::begins(&bytes), "{name}");
        let file = TorchFile::read(&bytes).unwrap();
        let dicts: Vec<(String, usize)> = file.dicts().into_iter().collect();
        let expected = [
            ("ema_state_dict", 2),
            ("state_dict.dics_model", 1),
            ("state_dict.gen_model", 4),
        ];
        let expected = expected.map(|(place, count)| (place.to_owned(), count));
        assert_eq!(
            dicts, expected,
            "{name}: the optimiser's have numbers for keys"
        );

        let weights = file.tensors("state_dict.gen_model").unwrap();
        let tensor = &weights["decoder.conv_out.weight"];
        assert_eq!(tensor.shape, [3, 2]);
        assert_eq!(
            tensor.values,
            [0.0, 1.0, 2.0, 3.0, 4.0, 5.0],
            "it begins inside its storage"
        );
        assert_eq!(
            weights["decoder.conv_out.bias"].values,
            [0.5, -0.5, 0.25],
            "bf16"
        );
        assert!(!weights.contains_key("decoder.count"), "no weight");
        let average = file.tensors("ema_state_dict").unwrap();
        assert_eq!(
            average["module.decoder.conv_out.bias"].values,
            [1.0, 2.0, 3.0],
            "f64"
        );
        assert!(file.tensors("state_dict.gen").is_err());
    }
}

#[test]
fn damage_is_an_error_and_never_a_panic() {
    for name in FILES {
        let bytes = fixture(name);
        for length in 0..bytes.len() {
            if let Ok(file) = TorchFile::read(&bytes[..length]) {
                file.dicts()
                    .keys()
                    .for_each(|place| drop(file.tensors(place)));
            }
        }
        for at in (0..bytes.len()).step_by(3) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            if let Ok(file) = TorchFile::read(&damaged) {
                file.dicts()
                    .keys()
                    .for_each(|place| drop(file.tensors(place)));
            }
        }
    }
}

#[test]
fn a_program_is_told_from_a_checkpoint() {
    // A convolution, written by torch.jit.save of PyTorch 2.15.
    assert!(TorchFile::is_script(&fixture("script.pt")));
    for name in FILES {
        assert!(!TorchFile::is_script(&fixture(name)), "{name}");
    }
    assert!(!TorchFile::is_script(b"PK"));
}

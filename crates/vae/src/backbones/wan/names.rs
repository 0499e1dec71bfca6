//! The tensor names of the diffusers library for the same model. Source: spec/wanvae.md 5.

/// A tensor that the original names otherwise.
pub(crate) const ONLY_IN_DIFFUSERS: &str = "quant_conv.weight";

/// Diffusers' name of the tensor with this name in the original. `blocks` is the number of
/// residual blocks in a stage of the decoder.
pub(crate) fn in_diffusers(name: &str, blocks: usize) -> String {
    if let Some(rest) = name.strip_prefix("conv1.") {
        return format!("quant_conv.{rest}");
    }
    if let Some(rest) = name.strip_prefix("conv2.") {
        return format!("post_quant_conv.{rest}");
    }
    let Some((half, inner)) = name.split_once('.') else {
        return name.to_owned();
    };
    format!("{half}.{}", in_half(inner, blocks))
}

/// A name behind `encoder.` or `decoder.`.
fn in_half(name: &str, blocks: usize) -> String {
    let parts: Vec<&str> = name.splitn(3, '.').collect();
    match parts[..] {
        ["conv1", leaf] => format!("conv_in.{leaf}"),
        ["head", "0", leaf] => format!("norm_out.{leaf}"),
        ["head", "2", leaf] => format!("conv_out.{leaf}"),
        ["middle", "1", rest] => format!("mid_block.attentions.0.{rest}"),
        ["middle", at, rest] => {
            let block = usize::from(at != "0");
            format!("mid_block.resnets.{block}.{}", in_block(rest))
        }
        ["downsamples", at, rest] => format!("down_blocks.{at}.{}", in_block(rest)),
        ["upsamples", at, rest] => match at.parse::<usize>() {
            Ok(at) => {
                let (stage, layer) = (at / (blocks + 1), at % (blocks + 1));
                if layer == blocks {
                    format!("up_blocks.{stage}.upsamplers.0.{rest}")
                } else {
                    format!("up_blocks.{stage}.resnets.{layer}.{}", in_block(rest))
                }
            }
            Err(_) => name.to_owned(),
        },
        _ => name.to_owned(),
    }
}

/// A name behind that of a residual block; samplers keep theirs.
fn in_block(name: &str) -> String {
    const NAMES: [(&str, &str); 5] = [
        ("residual.0.", "norm1."),
        ("residual.2.", "conv1."),
        ("residual.3.", "norm2."),
        ("residual.6.", "conv2."),
        ("shortcut.", "conv_shortcut."),
    ];
    let renamed = NAMES.iter().find_map(|(from, to)| {
        let leaf = name.strip_prefix(from)?;
        Some(format!("{to}{leaf}"))
    });
    renamed.unwrap_or_else(|| name.to_owned())
}

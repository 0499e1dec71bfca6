//! Programs that come as packages of the system.

use anyhow::{Result, bail};

use crate::command::{find, output, program, run};

/// Makes sure ffmpeg is there: video files are decoded and made with it.
pub(crate) fn ffmpeg() -> Result<()> {
    if find(&["ffmpeg"]).is_some() && find(&["ffprobe"]).is_some() {
        return Ok(());
    }
    install("ffmpeg", &["ffmpeg"])
}

/// Installs packages with apt-get, as root or through sudo, and says so.
///
/// Fails with the sentence that tells what to install by hand.
pub(crate) fn install(what: &str, packages: &[&str]) -> Result<()> {
    if find(&["apt-get"]).is_none() {
        bail!("{what} is not installed, and there is no apt-get here: please install it yourself");
    }
    let list = packages.join(" ");
    println!("{what} is not installed; installing it from the system's packages ({list})");
    let Some(mut update) = apt_get() else {
        bail!("{what} is not installed: please run `apt-get install {list}` as root");
    };
    // A stale list names packages that are gone; an unreachable one may still be good enough.
    if let Err(error) = run(update.arg("update")) {
        println!("{error:#}; trying with the package list as it is");
    }
    let Some(mut install) = apt_get() else {
        bail!("sudo is gone")
    };
    run(install
        .args(["install", "--yes", "--no-install-recommends"])
        .args(packages))
}

fn apt_get() -> Option<std::process::Command> {
    if output(program("id").arg("-u")).as_deref() == Some("0") {
        let mut command = program("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        return Some(command);
    }
    find(&["sudo"])?;
    let mut command = program("sudo");
    command.args(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    Some(command)
}

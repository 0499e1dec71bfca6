//! A mask file of LC-VAE's authors in a config.

use std::path::Path;

use anyhow::Result;
use codec::mask::{from_file, is_file};

use super::Config;

impl Config {
    /// Reads what `mask = "FILE.json"` in `[model]` names, relative to a folder, so that the run's
    /// own copy of the config and the exported model hold the list itself.
    pub(super) fn read_mask(&mut self, folder: &Path) -> Result<()> {
        let toml::Value::Table(model) = &mut self.model else {
            return Ok(());
        };
        let named = model.get("mask").and_then(toml::Value::as_str);
        let Some(path) = named
            .filter(|name| is_file(name))
            .map(|name| folder.join(name))
        else {
            return Ok(());
        };
        // How many channels there are is the model's to say, and it does not know such a mask.
        let mut model = model.clone();
        model.remove("mask");
        self.model = toml::Value::Table(model.clone());
        let choice = from_file(&path, self.model()?.channels())?;
        model.insert("mask".into(), toml::Value::try_from(choice)?);
        self.model = toml::Value::Table(model);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use wavelet::MaskChoice;

    use super::*;

    #[test]
    fn a_config_may_name_a_mask_file_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let mut config = Config::preset("lc16-c8").unwrap();
        let model = config.model.as_table_mut().unwrap();
        model.insert("mask".into(), "masks/soft.json".into());
        fs::write(&path, toml::to_string(&config).unwrap()).unwrap();
        let said = format!("{:#}", Config::read(&path).unwrap_err());
        assert!(said.contains("soft.json cannot be read"), "{said}");

        let soft = MaskChoice::Soft50.build(8).unwrap();
        fs::create_dir(folder.path().join("masks")).unwrap();
        let file = folder.path().join("masks/soft.json");
        fs::write(&file, soft.to_authors_json()).unwrap();
        let read = Config::read(&path).unwrap();
        assert_eq!(read.model().unwrap().mask().build(8).unwrap(), soft);
        let again = Config::from_toml(&read.to_toml().unwrap()).unwrap();
        assert_eq!(again.model().unwrap(), read.model().unwrap());

        let other = MaskChoice::Soft50.build(16).unwrap();
        fs::write(&file, other.to_authors_json()).unwrap();
        let said = format!("{:#}", Config::read(&path).unwrap_err());
        assert!(said.contains("is for 512 coefficient channels"), "{said}");
    }
}

//! Lists of numbers on few lines: a mask may name hundreds of coefficient channels.

/// Columns of a line, with the indentation.
const WIDTH: usize = 100;

/// The same TOML with the numbers of a list next to each other.
pub(super) fn joined(pretty: &str) -> String {
    let mut text = String::with_capacity(pretty.len());
    let mut column = 0;
    for line in pretty.lines() {
        let number = line.trim_start();
        if !is_number(number) {
            if column > 0 {
                text.push('\n');
                column = 0;
            }
            text.push_str(line);
            text.push('\n');
            continue;
        }
        if column > 0 && column + 1 + number.len() <= WIDTH {
            text.push(' ');
            column += 1;
        } else {
            let indent = &line[..line.len() - number.len()];
            if column > 0 {
                text.push('\n');
            }
            text.push_str(indent);
            column = indent.len();
        }
        text.push_str(number);
        column += number.len();
    }
    text
}

/// Whether a line is a member of a list and nothing else.
fn is_number(line: &str) -> bool {
    line.strip_suffix(',')
        .is_some_and(|number| number.parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_get_short_and_stay_what_they_are() {
        let numbers: Vec<i64> = (0..200).collect();
        let table = toml::Table::from_iter([
            ("name".to_owned(), "a".into()),
            ("channels".to_owned(), numbers.into()),
            ("betas".to_owned(), vec![0.9, 0.99].into()),
        ]);
        let pretty = toml::to_string_pretty(&table).unwrap();
        let short = joined(&pretty);
        assert_eq!(short.parse::<toml::Table>().unwrap(), table);
        assert!(pretty.lines().count() > 200);
        assert!(short.lines().count() < 20, "{short}");
        assert!(short.lines().all(|line| line.len() <= WIDTH), "{short}");
    }
}

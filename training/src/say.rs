//! Printing that ends nothing: whoever read the output may have gone (`trainer train | head`).

/// A line on the standard output.
macro_rules! say {
    ($($text:tt)*) => {
        crate::say::line(&mut std::io::stdout(), format_args!($($text)*))
    };
}

/// A line on the standard error stream.
macro_rules! note {
    ($($text:tt)*) => {
        crate::say::line(&mut std::io::stderr(), format_args!($($text)*))
    };
}

/// Text on the standard output that has its own line ends.
macro_rules! say_text {
    ($text:expr) => {
        crate::say::text(&mut std::io::stdout(), $text.as_ref())
    };
}

/// Writes a line as far as anybody reads it.
pub(crate) fn line(output: &mut dyn std::io::Write, line: std::fmt::Arguments<'_>) {
    // There is nobody to tell that nobody listens.
    let _ = writeln!(output, "{line}");
}

/// Writes text as far as anybody reads it.
pub(crate) fn text(output: &mut dyn std::io::Write, text: &str) {
    let _ = write!(output, "{text}").and_then(|()| output.flush());
}

//! Values of properties: reading them from text as C's `strtol`/`strtod` would, checking them against their row, and
//! writing them back as `printf` would. Pure functions.

use super::property::{Check, Kind, Property, Word};
use super::set::{SetError, SetErrorCode};

/// What a property holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: an unset string, pattern list or internal row.
    None,
    /// A string; kept as bytes because C strings need not be UTF-8.
    Text(Vec<u8>),
    /// An integer, boolean, enum or set of flags.
    Int(i32),
    /// A double.
    Float(f64),
    /// A callback or opaque, 0 when unset.
    Pointer(usize),
}

/// What setting a property to a text does to it.
#[derive(Debug, PartialEq)]
pub(super) enum Change {
    /// Replaces the value.
    Replace(Value),
    /// Sets these bits, then clears those, for each flag in order; `failed` is the word that stopped it.
    Flags { steps: Vec<(bool, i32)>, failed: Option<SetError> },
    /// Leaves the value alone (an enum given nothing but white space).
    Nothing,
}

/// The value of a property never set.
pub(super) fn default_value(kind: &Kind) -> Value {
    match *kind {
        Kind::Text { default: Some(text), .. } => Value::Text(text.as_bytes().to_vec()),
        Kind::Int { default, .. } | Kind::Enum { default, .. } | Kind::Flags { default, .. } => {
            Value::Int(default)
        }
        Kind::Float { default, .. } => Value::Float(default),
        Kind::Bool { default } => Value::Int(i32::from(default)),
        Kind::Pointer => Value::Pointer(0),
        Kind::Text { default: None, .. }
        | Kind::Patterns
        | Kind::Alias(_)
        | Kind::Internal
        | Kind::Invalid => Value::None,
    }
}

fn invalid(message: String) -> SetError {
    SetError { code: SetErrorCode::Invalid, message }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// C's isspace in the C locale.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

fn trim_start(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.iter().take_while(|&&b| is_space(b)).count()..]
}

/// Reads `text` for `property`. `None` is an empty value, which resets a string and is refused by all else.
pub(super) fn parse(property: &Property, text: Option<&[u8]>) -> Result<Change, SetError> {
    let name = property.name;
    if let Some(why) = property.unsupported {
        return Err(not_supported(name, why));
    }
    match property.kind {
        Kind::Text { check, trimmed, .. } => parse_text(property, text, check, trimmed),
        Kind::Patterns => {
            Ok(Change::Replace(text.map_or(Value::None, |t| Value::Text(t.to_vec()))))
        }
        Kind::Int { min, max, words, .. } => {
            let text = text.ok_or_else(|| empty("Integer configuration ", name))?;
            parse_int(name, text, min, max, words)
        }
        Kind::Float { min, max, .. } => {
            let text = text.ok_or_else(|| empty("Float configuration ", name))?;
            parse_float(name, text, min, max)
        }
        Kind::Bool { .. } => {
            let text = text.ok_or_else(|| empty("Bool configuration ", name))?;
            parse_bool(name, text)
        }
        Kind::Enum { words, .. } => {
            let text = text.ok_or_else(|| empty("Configuration ", name))?;
            parse_enum(name, text, words)
        }
        Kind::Flags { words, .. } => {
            let text = text.ok_or_else(|| empty("Configuration ", name))?;
            Ok(parse_flags(name, text, words))
        }
        Kind::Pointer => Err(invalid(format!(
            "Property \"{name}\" must be set through dedicated .._set_..() function"
        ))),
        Kind::Internal => Err(invalid(format!("Internal property \"{name}\" not settable"))),
        Kind::Invalid | Kind::Alias(_) => Err(invalid(property.doc.to_string())),
    }
}

fn not_supported(name: &str, why: &str) -> SetError {
    invalid(format!("Configuration property \"{name}\" not supported in this build: {why}"))
}

fn empty(what: &str, name: &str) -> SetError {
    invalid(format!("{what}property \"{name}\" cannot be set to empty value"))
}

fn parse_text(
    property: &Property,
    text: Option<&[u8]>,
    check: Check,
    trimmed: bool,
) -> Result<Change, SetError> {
    let text = text.map(|t| if trimmed { trim_start(t) } else { t });
    let passes = match (check, text) {
        (Check::Any, _) | (Check::NotBuilt(_), None) => true,
        (Check::NotBuilt(why), Some(_)) => return Err(not_supported(property.name, why)),
        (_, None) => false,
        (Check::SingleItem, Some(t)) => !t.iter().any(|&b| b == b',' || b == b' '),
        (Check::BrokerVersion, Some(t)) => !t.starts_with(b"0.7.") && !t.starts_with(b"0.6."),
        (Check::Partitioner, Some(t)) => {
            PARTITIONERS.iter().any(|partitioner| partitioner.as_bytes() == t)
        }
    };
    if !passes {
        let shown = text.map_or_else(|| "(null)".to_string(), lossy);
        return Err(invalid(format!(
            "Invalid value for configuration property \"{}\": {shown}",
            property.name
        )));
    }
    Ok(Change::Replace(match text {
        Some(text) => Value::Text(text.to_vec()),
        None => default_value(&property.kind),
    }))
}

/// The built-in partitioners by name.
pub(super) const PARTITIONERS: [&str; 8] = [
    "random",
    "consistent",
    "consistent_random",
    "murmur2",
    "murmur2_random",
    "fnv1a",
    "fnv1a_random",
    "round_robin",
];

fn unsupported_value(shown: &[u8], name: &str, why: &str) -> SetError {
    invalid(format!(
        "Unsupported value \"{}\" for configuration property \"{name}\": {why}",
        lossy(shown)
    ))
}

fn parse_int(
    name: &str,
    text: &[u8],
    min: i32,
    max: i32,
    words: &[Word],
) -> Result<Change, SetError> {
    let value = match strtol(text) {
        Some(number) => number,
        None => {
            let word = words.iter().find(|w| w.text.as_bytes().eq_ignore_ascii_case(text));
            let word = word.ok_or_else(|| {
                invalid(format!("Invalid value for configuration property \"{name}\""))
            })?;
            if let Some(why) = word.unsupported {
                return Err(unsupported_value(text, name, why));
            }
            word.value
        }
    };
    if value < min || value > max {
        return Err(invalid(format!(
            "Configuration property \"{name}\" value {value} is outside allowed range {min}..{max}\n"
        )));
    }
    Ok(Change::Replace(Value::Int(value)))
}

fn parse_float(name: &str, text: &[u8], min: f64, max: f64) -> Result<Change, SetError> {
    let value = strtod(text)
        .ok_or_else(|| invalid(format!("Invalid value for configuration property \"{name}\"")))?;
    if value < min || value > max {
        return Err(invalid(format!(
            "Configuration property \"{name}\" value {} is outside allowed range {}..{}\n",
            format_g(value),
            format_g(min),
            format_g(max)
        )));
    }
    Ok(Change::Replace(Value::Float(value)))
}

fn parse_bool(name: &str, text: &[u8]) -> Result<Change, SetError> {
    let is = |word: &str| text.eq_ignore_ascii_case(word.as_bytes());
    let value = if is("true") || is("t") || is("1") {
        1
    } else if is("false") || is("f") || is("0") {
        0
    } else {
        return Err(invalid(format!("Expected bool value for \"{name}\": true or false")));
    };
    Ok(Change::Replace(Value::Int(value)))
}

fn find_word(name: &str, shown: &[u8], words: &[Word]) -> Result<i32, SetError> {
    let word = words.iter().find(|w| w.text.as_bytes().eq_ignore_ascii_case(shown));
    match word {
        Some(Word { unsupported: Some(why), .. }) => Err(unsupported_value(shown, name, why)),
        Some(word) => Ok(word.value),
        None => Err(invalid(format!(
            "Invalid value \"{}\" for configuration property \"{name}\"",
            lossy(shown)
        ))),
    }
}

fn parse_enum(name: &str, text: &[u8], words: &[Word]) -> Result<Change, SetError> {
    let text = trim_start(text);
    if text.is_empty() {
        return Ok(Change::Nothing);
    }
    Ok(Change::Replace(Value::Int(find_word(name, text, words)?)))
}

/// Flags before the one that is refused take effect all the same, as in librdkafka.
fn parse_flags(name: &str, text: &[u8], words: &[Word]) -> Change {
    let mut steps = Vec::new();
    for item in text.split(|&b| b == b',') {
        let item = trim_start(item);
        let (add, item) = match item.first() {
            Some(b'+') => (true, &item[1..]),
            Some(b'-') => (false, &item[1..]),
            _ => (true, item),
        };
        if item.is_empty() {
            continue;
        }
        match find_word(name, item, words) {
            Ok(value) => steps.push((add, value)),
            Err(error) => return Change::Flags { steps, failed: Some(error) },
        }
    }
    Change::Flags { steps, failed: None }
}

/// `(int)strtol(text, .., 0)`: leading white space, a sign, 0x or 0 prefixes; what follows the digits is ignored, too
/// large a number saturates at 64 bits and is then cut to 32. None when there is no digit.
fn strtol(text: &[u8]) -> Option<i32> {
    let mut rest = trim_start(text);
    let mut negative = false;
    if let Some((&sign, tail)) = rest.split_first()
        && (sign == b'+' || sign == b'-')
    {
        negative = sign == b'-';
        rest = tail;
    }
    let hex = rest.len() > 2
        && rest[0] == b'0'
        && (rest[1] | 0x20) == b'x'
        && rest[2].is_ascii_hexdigit();
    let radix = match rest {
        _ if hex => 16,
        [b'0', ..] => 8,
        _ => 10,
    };
    let digits = if hex { &rest[2..] } else { rest };
    let mut value: i64 = 0;
    let mut count = 0;
    for &byte in digits {
        let Some(digit) = (byte as char).to_digit(radix) else { break };
        count += 1;
        let digit = i64::from(digit);
        let digit = if negative { -digit } else { digit };
        value = value.saturating_mul(i64::from(radix)).saturating_add(digit);
    }
    // Cutting to 32 bits is what the C cast does.
    (count > 0).then_some(value as i32)
}

/// `strtod`: the longest prefix that is a number; None when there is none.
fn strtod(text: &[u8]) -> Option<f64> {
    let text = trim_start(text);
    let (sign, body) = match text.first() {
        Some(b'-') => (-1.0, &text[1..]),
        Some(b'+') => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    let starts =
        |word: &[u8]| body.len() >= word.len() && body[..word.len()].eq_ignore_ascii_case(word);
    if starts(b"inf") {
        return Some(sign * f64::INFINITY);
    }
    if starts(b"nan") {
        return Some(f64::NAN.copysign(sign));
    }
    if starts(b"0x")
        && let Some(value) = hex_float(&body[2..])
    {
        return Some(sign * value);
    }
    let digits = |from: usize| body[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let whole = digits(0);
    let mut end = whole;
    let mut fraction = 0;
    if body.get(whole) == Some(&b'.') {
        fraction = digits(whole + 1);
        end = whole + 1 + fraction;
    }
    if whole + fraction == 0 {
        return None;
    }
    if body.get(end).is_some_and(|b| b | 0x20 == b'e') {
        let sign_len = usize::from(body.get(end + 1).is_some_and(|b| matches!(b, b'+' | b'-')));
        let exponent =
            if end + 1 + sign_len <= body.len() { digits(end + 1 + sign_len) } else { 0 };
        if exponent > 0 {
            end += 1 + sign_len + exponent;
        }
    }
    let number = std::str::from_utf8(&body[..end]).ok()?;
    number.parse::<f64>().ok().map(|value| sign * value)
}

/// The digits after "0x": hexadecimal with an optional fraction and binary exponent.
fn hex_float(digits: &[u8]) -> Option<f64> {
    let mut value = 0.0f64;
    let mut scale = 0i32;
    let (mut seen, mut point) = (false, false);
    let mut at = 0;
    while let Some(&byte) = digits.get(at) {
        if let Some(digit) = (byte as char).to_digit(16) {
            value = value * 16.0 + f64::from(digit);
            seen = true;
            scale -= if point { 4 } else { 0 };
        } else if byte == b'.' && !point {
            point = true;
        } else {
            break;
        }
        at += 1;
    }
    if digits.get(at).is_some_and(|b| b | 0x20 == b'p')
        && let Some(exponent) = digits.get(at + 1..)
        && exponent.first().is_some_and(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-'))
    {
        scale = scale.saturating_add(decimal(exponent));
    }
    seen.then(|| value * 2f64.powi(scale))
}

fn decimal(text: &[u8]) -> i32 {
    let negative = text.first() == Some(&b'-');
    let digits = text.iter().skip_while(|b| matches!(b, b'+' | b'-'));
    let value = digits
        .take_while(|b| b.is_ascii_digit())
        .fold(0i32, |sum, b| sum.saturating_mul(10).saturating_add(i32::from(b - b'0')));
    if negative { -value } else { value }
}

/// `printf("%g")`.
pub(super) fn format_g(value: f64) -> String {
    if value.is_nan() {
        return if value.is_sign_negative() { "-nan" } else { "nan" }.to_string();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-inf" } else { "inf" }.to_string();
    }
    let scientific = format!("{value:.5e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let strip = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text.to_string(),
    };
    if (-4..6).contains(&exponent) {
        let decimals = usize::try_from(5 - exponent).unwrap_or(0);
        return strip(&format!("{value:.decimals$}"));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", strip(mantissa), exponent.abs())
}

/// The words of a set of flags, those this build refuses left out.
fn flags_text(words: &[Word], bits: i32) -> String {
    let set = words.iter().filter(|w| bits & w.value == w.value && w.unsupported.is_none());
    set.map(|w| w.text).collect::<Vec<_>>().join(",")
}

/// A value as text; None when there is none to show.
pub(super) fn show(property: &Property, value: &Value) -> Option<Vec<u8>> {
    let text = match (&property.kind, value) {
        (_, Value::Text(text)) => return Some(text.clone()),
        (Kind::Bool { .. }, Value::Int(v)) => if *v != 0 { "true" } else { "false" }.to_string(),
        (Kind::Enum { words, .. }, Value::Int(v)) => {
            words.iter().find(|w| w.value == *v)?.text.to_string()
        }
        (Kind::Flags { words, .. }, Value::Int(v)) => flags_text(words, *v),
        (_, Value::Int(v)) => v.to_string(),
        (_, Value::Float(v)) => format_g(*v),
        (_, Value::Pointer(0)) | (_, Value::None) => return None,
        (_, Value::Pointer(p)) => format!("{p:#x}"),
    };
    Some(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_read_as_strtol_reads_them() {
        for (text, value) in [
            ("12", Some(12)),
            (" \t-7x", Some(-7)),
            ("0x1F", Some(31)),
            ("0x", Some(0)),
            ("0xg", Some(0)),
            ("010 ", Some(8)),
            ("08", Some(0)),
            ("+1x", Some(1)),
            ("4294967297", Some(1)),
            ("99999999999999999999999", Some(-1)),
            ("-99999999999999999999999", Some(0)),
            ("", None),
            ("all", None),
            ("+", None),
            ("- 1", None),
        ] {
            assert_eq!(strtol(text.as_bytes()), value, "{text:?}");
        }
    }

    #[test]
    fn doubles_read_as_strtod_reads_them() {
        for (text, value) in [
            ("5", Some(5.0)),
            (" 1.5ms", Some(1.5)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("1e3", Some(1000.0)),
            ("1e", Some(1.0)),
            ("1e+", Some(1.0)),
            ("0x10", Some(16.0)),
            ("0x1.8p1", Some(3.0)),
            ("0x", Some(0.0)),
            ("-inf", Some(f64::NEG_INFINITY)),
            (".", None),
            ("e5", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(strtod(text.as_bytes()), value, "{text:?}");
        }
        assert!(strtod(b"nan").is_some_and(f64::is_nan));
    }

    #[test]
    fn doubles_are_written_as_percent_g_writes_them() {
        for (value, text) in [
            (5.0, "5"),
            (0.5, "0.5"),
            (1.234_567_89, "1.23457"),
            (0.00001, "1e-05"),
            (0.0001, "0.0001"),
            (123_456.7, "123457"),
            (1e9, "1e+09"),
            (900_000.0, "900000"),
            (999_999.9, "1e+06"),
            (0.0, "0"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(format_g(value), text);
        }
    }
}

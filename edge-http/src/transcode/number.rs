//! Whole numbers as JSON may write them: `1`, `1.0`, `1e0` and `10E-1` are one number.

/// What is no whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotWhole {
    /// It has decimals that count.
    Decimals,
    /// It is larger than any that the API has.
    TooLarge,
}

/// No field of the API holds a number of more digits.
const DIGITS_MAX: i64 = 20;

/// Reads a JSON number exactly, however it is written; a float in between would lose what is beyond 53 bits.
pub(crate) fn whole(text: &str) -> Result<i128, NotWhole> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (units, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{units}{decimals}");
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Ok(0);
    }
    let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
    let trailing = length(&digits).saturating_sub(length(digits.trim_end_matches('0')));
    // An exponent that no integer holds is decided by its sign.
    let limit = if exponent.starts_with('-') { i64::MIN } else { i64::MAX };
    let exponent = exponent.parse().unwrap_or(limit);
    let zeros = i64::saturating_add(exponent, trailing).saturating_sub(length(decimals));
    if zeros < 0 {
        return Err(NotWhole::Decimals);
    }
    if zeros.saturating_add(length(significant)) > DIGITS_MAX {
        return Err(NotWhole::TooLarge);
    }
    let power = u32::try_from(zeros).ok().and_then(|zeros| 10_i128.checked_pow(zeros)).ok_or(NotWhole::TooLarge)?;
    let value =
        significant.parse::<i128>().ok().and_then(|value| value.checked_mul(power)).ok_or(NotWhole::TooLarge)?;
    Ok(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_read_exactly_however_it_is_written() {
        for (text, value) in [
            ("1", 1),
            ("1.0", 1),
            ("1e0", 1),
            ("10E-1", 1),
            ("0.1e+1", 1),
            ("-1.50e2", -150),
            ("-0", 0),
            ("0.000e99999999999999999999", 0),
            ("9223372036854775807", i128::from(i64::MAX)),
            ("9223372036854775807.0", i128::from(i64::MAX)),
            ("922337203685477580.7e1", i128::from(i64::MAX)),
            ("-9223372036854775808.000", i128::from(i64::MIN)),
            ("9007199254740993.0", 9_007_199_254_740_993),
            ("18446744073709551615e0", i128::from(u64::MAX)),
            ("1e18", 1_000_000_000_000_000_000),
        ] {
            assert_eq!(whole(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_has_decimals_or_no_end_is_not_whole() {
        for text in ["1.5", "1e-1", "0.1", "-1.0000000000000000000000000001", "1e-99999999999999999999"] {
            assert_eq!(whole(text), Err(NotWhole::Decimals), "{text}");
        }
        for text in ["1e20", "100000000000000000000", "-1e99999999999999999999", "1e400"] {
            assert_eq!(whole(text), Err(NotWhole::TooLarge), "{text}");
        }
    }
}

//! What numbers promise.

use proptest::prelude::*;

use super::{Number, NumberError};

fn number(text: &str) -> Number {
    text.parse().unwrap()
}

#[test]
fn decimals_are_what_they_look_like() {
    assert_eq!(number("0.1").add(&number("0.2")).unwrap(), number("0.3"));
    let third = number("1").divide(&number("3")).unwrap();
    assert_eq!(third.multiply(&number("3")).unwrap(), Number::ONE);
    assert_eq!(number("1.10").to_string(), "1.1");
    assert_eq!(number("2.0"), Number::from(2));
    assert_eq!(number("9007199254740993").to_string(), "9007199254740993");
    assert_eq!(number("-0"), Number::ZERO);
    assert_eq!(number("1e-7").to_string(), "0.0000001");
    assert_eq!(
        number("123456789012345678901234567890.5").to_string(),
        "123456789012345678901234567890.5"
    );
}

#[test]
fn a_third_prints_as_many_digits_as_512_bits_hold() {
    let third = number("1").divide(&number("3")).unwrap();
    insta::assert_snapshot!(third, @"0.33333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333335");
    insta::assert_snapshot!(number("1.1").multiply(&number("1.1")).unwrap(), @"1.2100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001");
    insta::assert_snapshot!(number("10").remainder(&number("3.3")).unwrap(), @"0.10000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000048");
}

#[test]
fn integers_of_any_size_are_exact() {
    let big = number("2").pow(&number("1000")).unwrap();
    let one = big.add(&Number::ONE).unwrap().subtract(&big).unwrap();
    assert_eq!(one, Number::ONE);
    assert_eq!(number("-9223372036854775808").negate().to_string(), "9223372036854775808");
    assert_eq!(number("9223372036854775808").negate().as_i64(), Some(i64::MIN));
    assert_eq!(number("18446744073709551615").as_u64(), Some(u64::MAX));
}

#[test]
fn what_is_too_large_or_too_small_is_refused_at_once() {
    assert_eq!("1e999999999".parse::<Number>(), Err(NumberError::Overflow));
    assert_eq!("1e99999999999999999999999".parse::<Number>(), Err(NumberError::Overflow));
    assert_eq!("1e-999999999".parse::<Number>(), Err(NumberError::Underflow));
    assert_eq!("0e999999999".parse::<Number>(), Ok(Number::ZERO));
    assert_eq!(number("10").pow(&number("1000000000")), Err(NumberError::Overflow));
    assert_eq!(number("-1").pow(&number("1000000001")).unwrap(), number("-1"));
    assert_eq!(Number::ONE.divide(&Number::ZERO), Err(NumberError::DivisionByZero));
    assert_eq!(Number::ONE.remainder(&Number::ZERO), Err(NumberError::DivisionByZero));
}

#[test]
fn what_is_no_number_is_refused() {
    for text in ["", "-", ".", "1e", "e1", "0x10", " 1", "1_000", "1.2.3", "inf", "NaN", "+-1", "١"]
    {
        assert!(matches!(text.parse::<Number>(), Err(NumberError::Syntax(_))), "{text:?}");
    }
    for (text, same) in [("+1", "1"), (".5", "0.5"), ("5.", "5"), ("1E3", "1000"), ("-.5e1", "-5")]
    {
        assert_eq!(number(text), number(same));
    }
}

#[test]
fn remainder_and_rounding_follow_the_dividend() {
    assert_eq!(number("-5").remainder(&number("3")).unwrap(), number("-2"));
    assert_eq!(number("5.5").remainder(&number("-2.25")).unwrap(), Number::ONE);
    assert_eq!(number("-1.5").floor(), number("-2"));
    assert_eq!(number("-1.5").ceil(), number("-1"));
    assert_eq!(
        number("1e30").add(&number("0.5")).unwrap().ceil().to_string(),
        "1000000000000000000000000000001"
    );
}

fn any_number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        (any::<i64>(), -40i32..40).prop_map(|(m, e)| number(&format!("{m}e{e}"))),
        (any::<i64>(), 1i64..).prop_map(|(a, b)| Number::from(a).divide(&Number::from(b)).unwrap()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn text_reads_back(n in any_number()) {
        prop_assert_eq!(number(&n.to_string()), n.clone());
        prop_assert_eq!(Number::from_json(&n.to_json()).unwrap(), n);
    }

    #[test]
    fn order_agrees_with_subtraction(a in any_number(), b in any_number()) {
        let difference = a.subtract(&b).unwrap();
        prop_assert_eq!(a.cmp(&b) as i64, difference.signum());
        prop_assert_eq!(a.add(&b).unwrap(), b.add(&a).unwrap());
        prop_assert_eq!(a.multiply(&b).unwrap(), b.multiply(&a).unwrap());
    }

    #[test]
    fn whole_numbers_behave_as_i128(a in any::<i64>(), b in any::<i64>()) {
        let (wide_a, wide_b) = (i128::from(a), i128::from(b));
        let (a, b) = (Number::from(a), Number::from(b));
        prop_assert_eq!(a.add(&b).unwrap().to_string(), (wide_a + wide_b).to_string());
        prop_assert_eq!(a.multiply(&b).unwrap().to_string(), (wide_a * wide_b).to_string());
        if wide_b != 0 {
            prop_assert_eq!(a.remainder(&b).unwrap().to_string(), (wide_a % wide_b).to_string());
            prop_assert_eq!(a.divide(&b).unwrap().truncate().to_string(), (wide_a / wide_b).to_string());
        }
    }

    #[test]
    fn floats_keep_their_shortest_spelling(f in any::<f64>().prop_filter("finite", |f| f.is_finite())) {
        prop_assert_eq!(Number::from_f64(f).unwrap().to_f64(), f);
    }
}

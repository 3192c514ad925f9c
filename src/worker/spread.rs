//! When each of many items comes back that wait for one moment.

use chrono::TimeDelta;

use crate::model::Subject;

/// All that a rule may not close today wait for the same moment, and there may be thousands: they
/// come back over two hours, which is soon enough for what was stale for months.
const WITHIN_SECONDS: u64 = 2 * 60 * 60;

/// How long after the moment a subject comes back: the same each time, and different from others.
pub(super) fn apart(subject: &Subject) -> TimeDelta {
    let fnv = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = subject.to_string().bytes().fold(0xcbf2_9ce4_8422_2325, fnv);
    // The lower bits of it hardly differ between neighbours.
    let seconds = (hash ^ (hash >> 32)) % WITHIN_SECONDS;
    TimeDelta::seconds(i64::try_from(seconds).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_items_do_not_come_back_at_once() {
        let mut per_minute = [0; 120];
        for number in 1..=12_000 {
            let after = apart(&Subject::gitlab_issue("example/product", number));
            assert_eq!(after, apart(&Subject::gitlab_issue("example/product", number)));
            per_minute[usize::try_from(after.num_minutes()).expect("after it")] += 1;
        }
        // A hundred a minute, were it perfect.
        let (least, most) = (per_minute.iter().min(), per_minute.iter().max());
        assert!(least >= Some(&50) && most <= Some(&200), "{least:?} {most:?}");
    }
}

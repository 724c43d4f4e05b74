use proptest::prelude::*;

use super::*;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn attempt(lane: Lane, number: u32) -> Attempt {
    Attempt { lane, number, since: now(), may_be_repeated: false }
}

fn aged(lane: Lane, age: TimeDelta) -> Attempt {
    Attempt { since: now() - age, ..attempt(lane, 1) }
}

fn pending_in(delay: TimeDelta) -> State {
    State::Pending { due_time: now() + delay }
}

/// With the least jitter.
fn state_after(outcome: Outcome, attempt: Attempt) -> State {
    after(outcome, attempt, now(), 0).state
}

const SECOND: TimeDelta = TimeDelta::seconds(1);

#[test]
fn an_outcome_of_every_lane_has_one_consequence() {
    use Lane::{Broadcast, Order, Reply};
    use Outcome::{Failed, Refused, Sent, Unavailable, Uncertain};
    let sent = State::Sent { message_id: 7, sent_time: now() };
    for (outcome, lane, expected) in [
        (Sent { message_id: 7 }, Reply, sent.clone()),
        (Sent { message_id: 7 }, Broadcast, sent),
        (Refused(Refusal::Blocked), Reply, State::Refused(Refusal::Blocked)),
        (Refused(Refusal::NeverStarted), Order, State::Refused(Refusal::NeverStarted)),
        (Failed, Order, State::Failed),
        (Unavailable, Reply, pending_in(SECOND)),
        (Unavailable, Order, pending_in(SECOND)),
        (Unavailable, Broadcast, pending_in(SECOND)),
        (Uncertain, Reply, pending_in(SECOND)),
        (Uncertain, Order, pending_in(SECOND)),
        (Uncertain, Broadcast, State::Uncertain),
    ] {
        let transition = after(outcome, attempt(lane, 1), now(), 0);
        assert_eq!(transition.state, expected, "{outcome:?} {lane:?}");
        assert_eq!(transition.may_be_repeated, outcome == Uncertain, "{outcome:?} {lane:?}");
        assert_eq!(transition.chat_wait, None);
    }
}

#[test]
fn a_messengers_wait_is_obeyed_and_bounded() {
    let hour = TimeDelta::hours(1);
    for (named, expected) in [
        (Some(TimeDelta::zero()), SECOND),
        (Some(-hour), SECOND),
        (Some(SECOND), SECOND),
        (Some(TimeDelta::seconds(35)), TimeDelta::seconds(35)),
        (Some(TimeDelta::seconds(86_400)), TimeDelta::hours(24)),
        (Some(TimeDelta::days(400)), TimeDelta::hours(24)),
        (Some(TimeDelta::MAX), TimeDelta::hours(24)),
        (None, TimeDelta::seconds(4)),
    ] {
        let waits = after(Outcome::RetryAfter { delay: named }, attempt(Lane::Order, 3), now(), 0);
        assert_eq!((waits.state, waits.chat_wait), (pending_in(expected), Some(expected)), "{named:?}");
    }
}

#[test]
fn a_bot_pauses_a_moment_for_one_chat_and_longer_only_when_others_are_refused_after_it() {
    let wait = TimeDelta::seconds(1_386);
    let never = BotPause { chat_id: 0, length: TimeDelta::zero(), until: DateTime::UNIX_EPOCH };
    let first = never.after_refusal(1, wait, now());
    assert_eq!((first.length, first.until), (FIRST_PAUSE, now() + FIRST_PAUSE));
    assert_eq!(first.after_refusal(2, wait, now() + SECOND), first, "it was under way when the pause began");
    // Each chat that is tried after the pause is refused: it is the bot that has to wait, as long as it is told.
    let (mut pause, mut lengths) = (first, Vec::new());
    for chat in 2..=12 {
        pause = pause.after_refusal(chat, wait, pause.until + SECOND);
        lengths.push(pause.length.num_seconds());
    }
    assert_eq!(lengths, [4, 8, 16, 32, 64, 128, 256, 512, 1_024, 1_386, 1_386]);
    // The same chat again, or another one much later, says nothing of the bot.
    assert_eq!(pause.after_refusal(12, wait, pause.until + SECOND).length, FIRST_PAUSE);
    assert_eq!(first.after_refusal(2, wait, first.until + TimeDelta::seconds(3)).length, FIRST_PAUSE);
    assert_eq!(first.after_refusal(2, SECOND, first.until).length, SECOND, "never longer than it is told");
}

#[test]
fn a_messengers_wait_counts_as_no_failure() {
    let wait = Outcome::RetryAfter { delay: Some(SECOND) };
    assert_eq!(state_after(wait, attempt(Lane::Reply, 1_000)), pending_in(SECOND));
    let day = Outcome::RetryAfter { delay: Some(TimeDelta::days(1)) };
    let transition = after(day, attempt(Lane::Reply, 1), now(), 0);
    assert_eq!(transition.state, State::Dead, "nobody waits a day for a reply");
    assert_eq!(transition.chat_wait, Some(TimeDelta::days(1)), "the chat waits all the same");
}

#[test]
fn a_delivery_is_given_up_after_too_many_failures() {
    for outcome in [Outcome::Unavailable, Outcome::Uncertain] {
        assert!(matches!(state_after(outcome, attempt(Lane::Reply, 9)), State::Pending { .. }));
        assert_eq!(state_after(outcome, attempt(Lane::Reply, 10)), State::Dead);
        assert!(matches!(state_after(outcome, attempt(Lane::Order, u32::MAX)), State::Pending { .. }));
    }
    assert_eq!(state_after(Outcome::Unavailable, attempt(Lane::Broadcast, 10)), State::Dead);
}

#[test]
fn a_delivery_is_given_up_when_it_is_too_old() {
    for (lane, max_age) in
        [(Lane::Reply, TimeDelta::hours(1)), (Lane::Order, TimeDelta::days(3)), (Lane::Broadcast, TimeDelta::days(2))]
    {
        assert_eq!(state_after(Outcome::Unavailable, aged(lane, max_age - SECOND)), pending_in(SECOND), "{lane:?}");
        assert_eq!(state_after(Outcome::Unavailable, aged(lane, max_age)), State::Dead, "{lane:?}");
        assert!(matches!(state_after(Outcome::Sent { message_id: 1 }, aged(lane, max_age * 2)), State::Sent { .. }));
    }
}

#[test]
fn what_may_have_arrived_once_may_be_a_repetition_from_then_on() {
    let doubtful = Attempt { may_be_repeated: true, ..attempt(Lane::Reply, 2) };
    assert!(after(Outcome::Unavailable, doubtful, now(), 0).may_be_repeated);
}

#[test]
fn a_start_releases_goods_and_nothing_else() {
    for refusal in [Refusal::Blocked, Refusal::NeverStarted] {
        let refused = State::Refused(refusal);
        assert_eq!(refused.released(Lane::Order, now()), Some(pending_in(TimeDelta::zero())));
        assert_eq!(refused.released(Lane::Reply, now()), None);
        assert_eq!(refused.released(Lane::Broadcast, now()), None);
    }
    for state in [State::Dead, State::Failed, State::Uncertain, pending_in(SECOND)] {
        assert_eq!(state.released(Lane::Order, now()), None);
    }
}

#[test]
fn final_and_alarming_states_are_known() {
    let claimed = State::Claimed { worker_id: "w".into(), lease_expire_time: now() };
    let sent = State::Sent { message_id: 1, sent_time: now() };
    for (state, is_final, is_alarming) in [
        (pending_in(SECOND), false, false),
        (claimed, false, false),
        (sent, true, false),
        (State::Refused(Refusal::Blocked), true, false),
        (State::Refused(Refusal::NeverStarted), true, false),
        (State::Failed, true, true),
        (State::Uncertain, true, false),
        (State::Dead, true, true),
    ] {
        let found = (state.is_final(), state.is_alarming(Lane::Broadcast));
        assert_eq!(found, (is_final, is_alarming), "{state:?}");
    }
    assert!(State::Uncertain.is_alarming(Lane::Order), "somebody waits for it");
}

#[test]
fn a_lane_reads_back_from_the_database() {
    for lane in Lane::ALL {
        assert_eq!(Lane::from_priority(lane.priority()), Some(lane));
    }
    assert_eq!(Lane::from_priority(0), None);
    assert!(Lane::ALL.is_sorted_by_key(|lane| lane.priority()));
}

#[test]
fn waits_double_up_to_five_minutes() {
    let seconds: Vec<_> = (0..12).map(|number| backoff(number, u16::MAX).num_seconds()).collect();
    assert_eq!(seconds, [2, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
}

proptest! {
    #[test]
    fn any_wait_is_bounded_and_grows_with_jitter(number: u32, jitter: u16, more: u16) {
        let delay = backoff(number, jitter);
        prop_assert!((MIN_BACKOFF..=MAX_BACKOFF).contains(&delay));
        prop_assert!(backoff(number, jitter.max(more)) >= delay);
        prop_assert!(backoff(number.saturating_add(1), jitter) >= delay);
    }
}

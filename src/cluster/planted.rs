//! Bugs on purpose, for the proof that the simulator finds such bugs (`make sim-bugs`). Without the feature `planted-bugs`
//! there are none: [`is_planted`] is the constant `false`, and what it guards is not compiled in.

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Bug {
    ReportDropped,
    ReportedTwice,
    SequenceReused,
    ResentUnderNewEpoch,
    ReorderedOnRetry,
    InFlightLeaked,
    BudgetLeaked,
    TimerLost,
    WakeUpLost,
    OffsetWrong,
    TransmittedButNotPersisted,
    LeaderChangeIgnored,
    AcknowledgedSentAgain,
    ExpiredEarly,
    PurgedForgotten,
    TopicsMixedUp,
    SplitInWrongOrder,
    TooLargeKeptAfterFatal,
    OldEpochForEver,
    OldAddressForEver,
}

impl Bug {
    /// Each of them.
    pub const ALL: &[Self] = &[
        Self::ReportDropped,
        Self::ReportedTwice,
        Self::SequenceReused,
        Self::ResentUnderNewEpoch,
        Self::ReorderedOnRetry,
        Self::InFlightLeaked,
        Self::BudgetLeaked,
        Self::TimerLost,
        Self::WakeUpLost,
        Self::OffsetWrong,
        Self::TransmittedButNotPersisted,
        Self::LeaderChangeIgnored,
        Self::AcknowledgedSentAgain,
        Self::ExpiredEarly,
        Self::PurgedForgotten,
        Self::TopicsMixedUp,
        Self::SplitInWrongOrder,
        Self::TooLargeKeptAfterFatal,
        Self::OldEpochForEver,
        Self::OldAddressForEver,
    ];
}

#[cfg(feature = "planted-bugs")]
thread_local! {
    static PLANTED: core::cell::Cell<Option<Bug>> = const { core::cell::Cell::new(None) };
}

/// Plants a bug, for this thread.
#[cfg(feature = "planted-bugs")]
pub fn plant(bug: Option<Bug>) {
    PLANTED.set(bug);
}

/// Whether this bug is wanted.
#[cfg(feature = "planted-bugs")]
pub fn is_planted(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}

/// Whether this bug is wanted: it is not.
#[cfg(not(feature = "planted-bugs"))]
#[inline(always)]
pub const fn is_planted(_: Bug) -> bool {
    false
}

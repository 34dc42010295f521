//! Deliberate bugs, for a simulator that must show that it would find them. Without the feature `planted-bugs`, so in every
//! library that anybody uses, [`is_planted`] is the constant `false`; with it, each thread chooses one bug or none.

macro_rules! bugs {
    ($($(#[$what:meta])* $name:ident,)*) => {
        /// What can be planted. Each has one line where the right decision is made.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Bug { $($(#[$what])* $name,)* }

        impl Bug {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

bugs! {
    /// A batch that failed after a retry is not reported.
    ReportDropped,
    /// A batch purged in flight stays in its request: its answer reports it again.
    PurgedReportedTwice,
    /// A batch purged in flight after a retry is not reported.
    PurgedForgotten,
    /// A batch purged in flight counts as in flight for ever.
    PurgedHoldsItsPlace,
    /// The numbers of a batch that may have been written are given to the next one.
    SequenceReused,
    /// A batch that may have been written is numbered anew under the next epoch.
    DoubtRenumbered,
    /// After a refused sequence a batch is sent again though an earlier attempt is in doubt.
    DoubtRetriedAnew,
    /// A batch that came back waits while younger ones go first.
    YoungerFirst,
    /// Of the halves of a batch that was too large the younger one goes first.
    SplitSwapped,
    /// A retry goes out beside younger batches in flight.
    RetryBesideYounger,
    /// A split forgets what its second half counts against the budget.
    SplitLeaksBudget,
    /// A split gives all messages the timestamp of the first.
    SplitLosesTimestamps,
    /// A split loses the last message of the first half.
    SplitLosesMessage,
    /// When a part of a batch expires the rest of it is forgotten.
    ExpiryForgetsRest,
    /// What waits for a leader has no timer.
    ExpiryTimerLost,
    /// Back-off's end wakes nobody.
    RetryTimerLost,
    /// Room at the socket wakes nobody.
    WakeUpLost,
    /// The offset of a retried batch is one too high.
    WrongOffset,
    /// A batch whose connection broke counts as not persisted though all of it was transmitted.
    LostIsNotPersisted,
    /// The same where it is given up at its timeout.
    TimedOutIsNotPersisted,
    /// A broker's error that leaves open what it wrote counts as not written.
    UnsureIsNotPersisted,
    /// The first leader is for ever.
    LeaderIgnored,
    /// A new leader gets batches while the old one still has some.
    TwoLeaders,
    /// A batch in doubt is sent again after its report.
    ResentAfterReport,
    /// An answer about a partition is taken for that of another topic's.
    AnswerMismatched,
    /// Several batches go to a broker that may not know the producer.
    FirstGateSkipped,
    /// NOT_LEADER_OR_FOLLOWER is no reason to try again.
    RetriableIsFinal,
    /// Any refusal of a producer id is fatal.
    RetriableIsFatal,
    /// MESSAGE_TOO_LARGE does not split.
    TooLargeIsFinal,
}

/// Whether that bug is to be made.
#[cfg(not(feature = "planted-bugs"))]
#[inline(always)]
pub const fn is_planted(_bug: Bug) -> bool {
    false
}

#[cfg(feature = "planted-bugs")]
mod chosen {
    use super::Bug;
    use std::cell::Cell;

    thread_local! {
        static CHOSEN: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    /// Plants a bug in what this thread runs from now on, in place of any before.
    pub fn plant(bug: Option<Bug>) {
        CHOSEN.set(bug);
    }

    /// Whether that bug is to be made.
    pub fn is_planted(bug: Bug) -> bool {
        CHOSEN.get() == Some(bug)
    }
}

#[cfg(feature = "planted-bugs")]
pub use chosen::{is_planted, plant};

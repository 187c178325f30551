//! What an event tells, and whether anything of that may be read.

use super::LiveBase;
use crate::history::{AsOf, Interaction, Kind};
use crate::summary::evidence::Evidence;
use crate::summary::ledger::Line;
use crate::summary::money::Feed;
use crate::summary::{EvidenceKind, EvidencePolicy, NetworkItem};

/// Whether an event is one of money: bought, sent back or paid for.
fn is_money(interaction: &Interaction) -> bool {
    !matches!(Feed::of(interaction.kind()), Feed::Count(Line::Other))
}

/// The kinds of evidence that an event tells beyond money.
fn told(
    interaction: &Interaction,
    rules: &EvidencePolicy,
) -> impl Iterator<Item = EvidenceKind> + use<> {
    let mut evidence = Evidence::default();
    evidence.observe(interaction, rules);
    let all = EvidenceKind::ALL.into_iter();
    all.filter(move |&kind| evidence.holds(kind))
}

/// Whether an event tells something, and nothing but evidence of these kinds: no money, and nothing
/// of consent.
pub(super) fn tells_only(
    interaction: &Interaction,
    kinds: &[EvidenceKind],
    rules: &EvidencePolicy,
) -> bool {
    if is_money(interaction) || matches!(interaction.kind(), Kind::Consent(_)) {
        return false;
    }
    let mut told = told(interaction, rules).peekable();
    told.peek().is_some() && told.all(|kind| kinds.contains(&kind))
}

impl LiveBase {
    /// Which of a customer's events may not even be named as of an instant: those that tell
    /// something, and nothing that may be read.
    pub(crate) fn unreadable<'a>(
        &'a self,
        customer: &str,
        as_of: AsOf,
    ) -> impl Fn(&Interaction) -> bool + use<'a> {
        let mut evidence = Evidence::default();
        for timeline in self.timelines(customer) {
            for interaction in timeline.as_of(as_of).iter() {
                evidence.observe(interaction, &self.rules);
            }
        }
        let revoked = self.revoked(customer, as_of);
        let forbids = move |kind: EvidenceKind| {
            let purpose = kind.purpose();
            let (consent, in_force) = evidence.standing(purpose, as_of.instant(), revoked);
            let rules = self.rules.consent();
            !rules.permits(purpose, consent, in_force)
        };
        let forbidden = EvidenceKind::ALL.into_iter().filter(|&kind| forbids(kind));
        let forbidden: Vec<EvidenceKind> = forbidden.collect();
        move |interaction| {
            if matches!(interaction.kind(), Kind::Consent(_)) {
                return false;
            }
            let hidden = |kind| match kind {
                EvidenceKind::Network => match NetworkItem::reading(interaction) {
                    Some(NetworkItem::Converted(edge)) if self.hides(&edge, as_of) => true,
                    _ => forbidden.contains(&kind),
                },
                _ => forbidden.contains(&kind),
            };
            let of_money = is_money(interaction).then_some(EvidenceKind::Economic);
            let mut told = told(interaction, &self.rules).chain(of_money).peekable();
            told.peek().is_some() && told.all(hidden)
        }
    }
}

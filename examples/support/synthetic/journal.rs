//! Where interactions are noted down before they have an id.

use std::collections::BTreeMap;

use guanxi::history::{
    Channel, CustomerId, EpisodeId, HistoryError, Initiator, Interaction, InteractionId, Kind,
};
use guanxi::quantity::{Currency, Fraction, Money, Valence};

use super::instant;

/// An interaction without an id.
#[derive(Debug)]
pub(super) struct Draft {
    day: f64,
    recorded: f64,
    kind: Kind,
    channel: Option<Channel>,
    initiator: Option<Initiator>,
    felt: Option<(Valence, Option<Fraction>)>,
    episode: Option<usize>,
    about: Option<usize>,
    corrects: Option<usize>,
}

impl Draft {
    pub(super) fn through(&mut self, channel: Channel) -> &mut Self {
        self.channel = Some(channel);
        self
    }

    pub(super) fn by(&mut self, initiator: Initiator) -> &mut Self {
        self.initiator = Some(initiator);
        self
    }

    /// States how it felt, and how much it moved the customer.
    pub(super) fn felt(&mut self, valence: Valence, arousal: Option<Fraction>) -> &mut Self {
        self.felt = Some((valence, arousal));
        self
    }

    /// Makes it a step of an [episode](Journal::episode).
    pub(super) fn step_of(&mut self, episode: usize) -> &mut Self {
        self.episode = Some(episode);
        self
    }

    /// Names the purchase it undoes, or the complaint it settles, by its place.
    pub(super) fn about(&mut self, place: usize) -> &mut Self {
        self.about = Some(place);
        self
    }

    /// Makes it the corrected version of what stands at a place.
    pub(super) fn correcting(&mut self, place: usize) -> &mut Self {
        self.corrects = Some(place);
        self
    }

    /// Makes it known only so many days after it occurred.
    pub(super) fn known_after(&mut self, days: f64) -> &mut Self {
        self.recorded = self.day + days;
        self
    }
}

/// What was noted down of one customer.
#[derive(Debug)]
pub(super) struct Journal {
    customer: CustomerId,
    end: f64,
    drafts: Vec<Draft>,
    episodes: usize,
}

impl Journal {
    /// Nothing yet; nothing will be known after day `end`.
    pub(super) fn new(customer: CustomerId, end: f64) -> Self {
        Self {
            customer,
            end,
            drafts: Vec::new(),
            episodes: 0,
        }
    }

    /// Notes something down. What turns out to lie after the end is left out in the end.
    pub(super) fn add(&mut self, day: f64, kind: impl Into<Kind>) -> &mut Draft {
        let place = self.drafts.len();
        self.drafts.push(Draft {
            day,
            recorded: day,
            kind: kind.into(),
            channel: None,
            initiator: None,
            felt: None,
            episode: None,
            about: None,
            corrects: None,
        });
        &mut self.drafts[place]
    }

    /// The place of what was added last.
    pub(super) fn last(&self) -> usize {
        self.drafts.len().saturating_sub(1)
    }

    /// A new episode.
    pub(super) fn episode(&mut self) -> usize {
        self.episodes += 1;
        self.episodes
    }

    /// Leaves out everything from a day on: the customer is to be forgotten.
    pub(super) fn end_at(&mut self, day: f64) {
        self.end = self.end.min(day);
    }
}

/// Gives everything its id, in the order in which it became known.
pub(super) fn finish(journals: Vec<Journal>) -> Result<Vec<Interaction>, HistoryError> {
    let mut drafts = Vec::new();
    for (number, journal) in journals.into_iter().enumerate() {
        let kept = |draft: &Draft| draft.day.max(draft.recorded) < journal.end && draft.day >= 0.0;
        for (place, draft) in journal.drafts.into_iter().enumerate() {
            if kept(&draft) {
                drafts.push((number, place, journal.customer.clone(), draft));
            }
        }
    }
    drafts.sort_by_key(|(number, place, _, draft)| {
        (instant(draft.recorded), instant(draft.day), *number, *place)
    });
    let mut ids = BTreeMap::new();
    let mut episodes = BTreeMap::new();
    for ((number, place, _, draft), n) in drafts.iter().zip(1_001_u32..) {
        ids.insert((*number, *place), InteractionId::new(format!("i{n}"))?);
        if let Some(episode) = draft.episode {
            let name = format!("e{}", 101 + episodes.len());
            if let std::collections::btree_map::Entry::Vacant(free) =
                episodes.entry((*number, episode))
            {
                free.insert(EpisodeId::new(name)?);
            }
        }
    }
    let mut log = Vec::with_capacity(drafts.len());
    for (number, place, customer, draft) in drafts {
        let find = |place: usize| ids.get(&(number, place)).cloned();
        let Some(id) = find(place) else { continue };
        let episode = draft.episode.and_then(|e| episodes.get(&(number, e)));
        log.push(interaction(id, customer, draft, episode, find)?);
    }
    Ok(log)
}

fn interaction(
    id: InteractionId,
    customer: CustomerId,
    draft: Draft,
    episode: Option<&EpisodeId>,
    find: impl Fn(usize) -> Option<InteractionId>,
) -> Result<Interaction, HistoryError> {
    let kind = match (draft.kind, draft.about.and_then(&find)) {
        (Kind::Return(back), Some(purchase)) => Kind::from(back.with_purchase(purchase)),
        (Kind::ComplaintResolved(settled), Some(complaint)) => {
            Kind::from(settled.with_complaint(complaint))
        }
        (kind, _) => kind,
    };
    let mut made = Interaction::new(id, customer, instant(draft.day), kind)?;
    made = made.recorded(instant(draft.recorded));
    if let Some(channel) = draft.channel {
        made = made.through(channel);
    }
    if let Some(initiator) = draft.initiator {
        made = made.initiated_by(initiator);
    }
    if let Some((valence, arousal)) = draft.felt {
        made = made.with_valence(valence);
        if let Some(arousal) = arousal {
            made = made.with_arousal(arousal);
        }
    }
    if let Some(episode) = episode {
        made = made.in_episode(episode.clone());
    }
    if let Some(corrected) = draft.corrects.and_then(&find) {
        made = made.correcting(corrected);
    }
    Ok(made)
}

/// An amount in euros and cents.
pub(super) fn euros(amount: f64) -> Result<Money, HistoryError> {
    Ok(Money::from_estimate(amount, Currency::EUR)?)
}

/// A share with two decimals.
pub(super) fn share(share: f64) -> Result<Fraction, HistoryError> {
    Ok(Fraction::new(super::draws::rounded(share, 2))?)
}

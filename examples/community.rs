//! A community that a firm runs itself (自有社群): whom to invite as an ambassador?
//!
//! 400 founders post, buy and bring others, who do the same. How zealous each is, is drawn, and with
//! it how often they come, what they answer and whom they bring. What is decided is whom to ask to
//! speak for the firm, among those who agreed to be asked and to be seen in a network. Asserted:
//! the multiplier of word of mouth holds the truth in its interval; shares of what referrals bring
//! add up, whatever share φ the referrer gets, and counting both in full does not; who is invited
//! goes on to bring more than the others. Run with `cargo run --release --example community`.

#[allow(dead_code, unused_imports, reason = "each example uses a part of it")]
#[path = "support/sector.rs"]
mod sector;

use guanxi::dimension::{Advocacy, EmotionalPolicy};
use guanxi::history::{
    AsOf, Community, CommunityEvent, Consent, Customer, CustomerId, NpsSurvey, PartyKind, Purchase,
    Purpose, ReferralConverted, ReferralMade, Role, Tag,
};
use guanxi::metric::{Periods, SampleMean, Window, stickiness_by_customer};
use guanxi::model::{Clv, ClvTerms, GammaGamma, GammaGammaParameters, MbgNbd, MbgNbdParameters};
use guanxi::quantity::{Currency, DiscountRate, Fraction, Money, Probability, Span, TimeUnit};
use guanxi::relationship::{
    Attribution, EngagementScorer, EngagementTerms, EngagementValue, NewcomerWorth,
    word_of_mouth_multiplier,
};
use guanxi::scorer::Scorer;
use guanxi::summary::{CustomerBase, CustomerSummary, SummaryPolicy};

use sector::{Columns, Draws, LEVEL, Log, Outcome, day, logistic, named, range, rounded, told};

const FOUNDERS: usize = 400;
const TODAY: f64 = 365.0;
/// Invitations by one member, and the share of them that is taken up: the truth, on average.
const INVITATIONS: f64 = 0.8;
const TAKEN_UP: f64 = 0.25;
/// The chance that a newcomer had come anyway, and what a referral costs and saves, in EUR.
const ANYWAY: f64 = 0.2;
const REWARD: f64 = 10.0;
const SAVED: f64 = 15.0;

/// A member; `zeal`, 1 on average, is what nobody sees.
struct Member {
    party: Customer,
    zeal: f64,
    brought: f64,
}

/// Members in the order in which they came: founders, then whom they brought, and so on.
fn grow(log: &mut Log) -> Outcome<Vec<Member>> {
    let mut waiting: Vec<f64> = vec![0.0; FOUNDERS];
    let mut members = Vec::new();
    let eur = |amount: f64| Money::from_estimate(amount, Currency::EUR);
    while members.len() < waiting.len() {
        let number = members.len() as u64;
        let joined = waiting[members.len()];
        let mut draws = Draws::new(51, number);
        let who = named("member", number)?;
        let zeal = draws.normal(-0.32, 0.8).exp();
        for (purpose, agrees) in [(Purpose::Analytics, 0.95), (Purpose::Sharing, 0.85), (Purpose::Marketing, 0.85)] {
            if draws.chance(agrees) {
                log.add(&who, joined, Consent::Granted { purpose })?;
            }
        }
        log.add(&who, joined, Community::new(CommunityEvent::Joined))?;
        let gap = 7.0 / logistic(1.2 * zeal.ln());
        for time in draws.arrivals(gap, joined, TODAY) {
            log.add(&who, time, Community::new(CommunityEvent::Posted))?;
        }
        for time in [joined].into_iter().chain(draws.arrivals(40.0, joined, TODAY)) {
            log.add(&who, time, Purchase::new(eur(draws.between(20.0, 60.0))?)?)?;
        }
        let answer = draws.answer(7.5 + 1.5 * zeal.ln(), (0, 10));
        log.add(&who, TODAY - 30.0, NpsSurvey::new(answer)?)?;
        // Invitations within two months of joining, at which zeal shows.
        let mut brought = 0.0;
        for time in draws.arrivals(60.0 / (INVITATIONS * zeal), joined, joined + 60.0) {
            log.add(&who, time, ReferralMade::new())?;
            if draws.chance(TAKEN_UP) {
                let newcomer = named("member", waiting.len() as u64)?;
                let converted = ReferralConverted::new(newcomer)
                    .with_probability_anyway(Probability::new(ANYWAY)?)
                    .with_reward_cost(eur(REWARD)?)?
                    .with_acquisition_saving(eur(SAVED)?)?;
                log.add(&who, time, converted)?;
                waiting.push(time + 1.0);
                brought += 1.0;
            }
        }
        let helps = Tag {
            label: ["recipes", "repairs", "newcomers"][members.len() % 3].to_owned(),
            confidence: Fraction::new(draws.between(0.3, 1.0))?,
            source: "moderators".to_owned(),
            at: day(joined),
        };
        let party = Customer::new(who, Role::Demander, PartyKind::Person).with_tag(helps);
        members.push(Member { party, zeal, brought });
    }
    Ok(members)
}

/// Lifetime value by models that are known.
fn lifetime() -> Outcome<Clv<MbgNbd, GammaGamma>> {
    let purchases = MbgNbd::new(MbgNbdParameters {
        unit: TimeUnit::Week,
        r: 2.0,
        alpha: 11.0,
        a: 0.5,
        b: 12.0,
    })?;
    let spend = GammaGamma::new(GammaGammaParameters {
        currency: Currency::EUR,
        p: 6.25,
        q: 10.0,
        gamma: 57.6,
    })?;
    let terms = ClvTerms::new(0.30, DiscountRate::annual(0.10)?)?;
    Ok(Clv::new(purchases, spend, terms)?)
}

/// What each is worth with what they brought, by who gets the margin of a newcomer.
fn engagement(summaries: &[CustomerSummary], whose: Attribution) -> Outcome<Vec<EngagementValue>> {
    let clv = lifetime()?;
    let (mut worth, mut brought) = (Vec::<(CustomerId, NewcomerWorth)>::new(), Vec::new());
    for summary in summaries {
        worth.push((summary.customer().clone(), (&clv.score(summary)?).into()));
        // Only of networks that may be read: what a referrer does not get, the newcomer keeps.
        for item in summary.network().ok().flatten().map_or(&[][..], |network| network.conversions()) {
            brought.push((item.newcomer.clone(), Probability::new(ANYWAY)?));
        }
    }
    let terms = EngagementTerms::new(Currency::EUR, DiscountRate::annual(0.10)?);
    let judge = EngagementScorer::new(clv, terms.with_attribution(whose))
        .with_newcomers(worth)
        .with_brought(brought);
    Ok(summaries.iter().map(|summary| judge.score(summary)).collect::<Result<_, _>>()?)
}

fn total(values: &[EngagementValue]) -> f64 {
    values.iter().filter_map(EngagementValue::total).sum()
}

fn main() -> Outcome<()> {
    let mut log = Log::default();
    let members = grow(&mut log)?;
    let mut base = CustomerBase::new(SummaryPolicy::default());
    base.observe_all(log.events())?;
    let summaries = base.summaries(day(TODAY)).collect::<Result<Vec<_>, _>>()?;

    // How many members is one founder in the end? Each brings k others, who bring k others …
    let brought: Vec<f64> = members.iter().map(|member| member.brought).collect();
    let k = SampleMean::of(&brought)?.estimate(LEVEL)?.ok_or("there are members")?;
    let multiplier = |k| word_of_mouth_multiplier(k, Fraction::new(1.0)?);
    let (low, high) = (multiplier(range(k)?.lower())?, multiplier(range(k)?.upper())?);
    let truth = word_of_mouth_multiplier(INVITATIONS, Fraction::new(TAKEN_UP)?)?;
    assert!((low..=high).contains(&truth));
    println!(
        "{FOUNDERS} founders have become {} members: a new one is {:.2} ({low:.2} to {high:.2}) in the end.",
        members.len(),
        multiplier(k.mean())?
    );

    // Whose is the margin of a newcomer? In shares, the sum stays what the members are worth.
    let clv = lifetime()?;
    let (mut worth, mut saved) = (0.0, 0.0);
    for summary in &summaries {
        worth += clv.score(summary)?.value();
        let network = summary.network().ok().flatten();
        let conversions = network.map_or(0, |network| network.conversions().len());
        saved += conversions as f64 * (SAVED - (1.0 - ANYWAY) * REWARD);
    }
    for phi in [0.0, 0.3, 0.5, 1.0] {
        let shared = total(&engagement(&summaries, Attribution::Shared(Fraction::new(phi)?))?);
        assert!((shared / (worth + saved) - 1.0).abs() < 1e-9);
    }
    let twice = total(&engagement(&summaries, Attribution::Person)?);
    println!(
        "They are worth {} EUR and what referrals saved {}; with margins counted twice it would be {}.",
        rounded(worth, 0),
        rounded(saved, 0),
        rounded(twice, 0)
    );
    assert!(twice > worth + saved);

    // Whom to invite: promoters who have recommended, who are there in most weeks, and who agreed.
    let window = Window::new(day(-1.0), AsOf::at(day(TODAY)))?;
    let weeks = Periods::every(&window, Span::weeks(1.0)?)?;
    let sticky = stickiness_by_customer(log.events(), &weeks)?;
    let values = engagement(&summaries, Attribution::Shared(Fraction::new(0.5)?))?;
    let mut invited = Vec::new();
    for (summary, value) in summaries.iter().zip(&values) {
        let Ok(Some(evidence)) = summary.advocacy() else {
            continue;
        };
        let purchases = summary.rfm().map_or(0, |rfm| u64::from(rfm.frequency()) + 1);
        let advocacy = Advocacy::of(evidence, purchases, &EmotionalPolicy::default())?;
        let comes = sticky.get(summary.customer()).and_then(|share| share.value());
        let may = |purpose| {
            let consent = summary.consent();
            consent.is_some_and(|consent| consent.permits(purpose, AsOf::at(day(TODAY))))
        };
        let agrees = may(Purpose::Marketing) && may(Purpose::Sharing);
        if advocacy.is_brand_ambassador() && comes >= Some(0.5) && agrees {
            invited.push((summary.customer(), advocacy, comes, value.referral()));
        }
    }
    invited.sort_by(|a, b| b.1.rate().mean().total_cmp(&a.1.rate().mean()));
    let headings = ["invite", "recommends, % (90 %)", "weeks there, %", "brought, EUR", "ask about"];
    let mut table = Columns::new(1, headings);
    for (who, advocacy, comes, referral) in invited.iter().take(8) {
        let member = members.iter().find(|member| member.party.id() == *who);
        // A tag is a hint what to ask about, and no evidence of worth: it decides nothing.
        let tag = member.and_then(|member| member.party.tags().first());
        let tag = tag.filter(|tag| tag.confidence.value() >= 0.6);
        table.row([
            who.to_string(),
            told(advocacy.rate(), 100.0, 0)?,
            rounded(100.0 * comes.unwrap_or(0.0), 0),
            referral.map_or_else(|| "–".to_owned(), |amount| rounded(amount, 0)),
            tag.map_or_else(String::new, |tag| tag.label.clone()),
        ]);
    }
    print!("\n{}", table.text());

    // Held against the year after, drawn from what lies behind: whom do they bring?
    let (mut of_invited, mut of_others) = (Vec::new(), Vec::new());
    for (number, member) in (0..).zip(&members) {
        let gap = TODAY / (INVITATIONS * TAKEN_UP * member.zeal);
        let brings = Draws::new(52, number).arrivals(gap, 0.0, TODAY).len() as f64;
        let is_invited = invited.iter().any(|(who, ..)| *who == member.party.id());
        if is_invited { of_invited.push(brings) } else { of_others.push(brings) }
    }
    let (of_others, of_invited) = (SampleMean::of(&of_others)?, SampleMean::of(&of_invited)?);
    let more = of_others.change(&of_invited, LEVEL)?.ok_or("members differ")?;
    assert!(more.is_clear() && more.difference().mean() > 0.0);
    println!(
        "\nRecommendation: invite these {} of {} members. In the year after, each brought {} members\n\
         more than one of the others did; that is who they are, and not what inviting them adds.",
        invited.len(),
        members.len(),
        told(more.difference(), 1.0, 2)?
    );
    Ok(())
}

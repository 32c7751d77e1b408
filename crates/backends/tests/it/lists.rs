//! Lists of orders: filters, pages, accounts.

use std::sync::Arc;

use domain::command::{Cancel, Command, LimitKey, Payment, Selection};
use domain::id::{EventId, OrderId};
use engine::store::{Archive, Catalog, OrderFilter, Page};

use crate::teller::{Asked, ORGANIZATION, Teller, book, digest, purchase};
use crate::{Place, plain_event};

struct Shop {
    place: Place,
    tellers: Vec<Arc<Teller>>,
    orders: Vec<OrderId>,
}

/// Twenty orders in two events, two a commit, made in turns; every fourth is cancelled.
async fn shop() -> Shop {
    let place = Place::new();
    let tellers = vec![place.event(1).await, place.event(2).await];
    let mut orders = Vec::new();
    let booked = |at: u32| {
        let mut purchase = purchase(&format!("buyer {}", at % 3), &[at], 0);
        purchase.reference = at.is_multiple_of(5).then(|| format!("ref {at}").into());
        purchase.basket.seats[0].code = at.is_multiple_of(7).then(|| format!("code {at}"));
        let payment =
            Payment { payment_ref: at.is_multiple_of(2).then(|| "cash".into()), ..Payment::default() };
        Asked::new(Command::Book { purchase, payment })
    };
    for first in (0..20).step_by(2) {
        let teller = &tellers[teller_of(first as usize)];
        place.done(teller, vec![booked(first), booked(first + 1)]).await;
        orders.extend(teller.beliefs.lock().commits.last().unwrap().iter().filter_map(|made| made.order));
        if first % 4 == 2 {
            let order = *orders.last().unwrap();
            let cancel = Cancel { order, selection: Selection::All, then: None };
            place.done(teller, vec![Asked::new(Command::Cancel(cancel))]).await;
        }
    }
    Shop { place, tellers, orders }
}

/// Which of the shop's tellers, and so of its events, an order is of.
fn teller_of(at: usize) -> usize {
    at / 2 % 2
}

impl Shop {
    /// All of a list, page by page, as positions among the orders that were made.
    async fn list(&self, filter: OrderFilter, limit: usize) -> Vec<usize> {
        let mut seen = Vec::new();
        let mut after = 0;
        loop {
            let page = Page { after, limit };
            let page = self.place.store.orders(ORGANIZATION, false, filter.clone(), page).await.unwrap();
            assert!(page.len() <= limit);
            let Some((last, _)) = page.last() else { return seen };
            assert!(page.is_sorted_by_key(|(position, _)| *position) && *last > after);
            after = *last;
            for (_, order) in page {
                assert_eq!(order.tickets.len(), 1, "tickets come along");
                seen.push(self.orders.iter().position(|known| *known == order.id).unwrap());
            }
        }
    }

    async fn check(&self, filter: OrderFilter, wanted: impl Fn(usize) -> bool) {
        let expected: Vec<usize> = (0..20).filter(|at| wanted(*at)).collect();
        for limit in [1, 3, 100] {
            assert_eq!(self.list(filter.clone(), limit).await, expected, "{filter:?}, {limit} a page");
        }
    }
}

#[tokio::test]
async fn orders_are_listed_oldest_first_within_an_event_and_across_events() {
    let shop = shop().await;
    shop.check(OrderFilter::default(), |_| true).await;
    let event = |id| OrderFilter { event: Some(EventId(id)), ..OrderFilter::default() };
    shop.check(event(1), |at| teller_of(at) == 0).await;
    shop.check(event(2), |at| teller_of(at) == 1).await;
    shop.check(event(9), |_| false).await;
}

#[tokio::test]
async fn every_filter_filters_alone_and_together() {
    let shop = shop().await;
    let text = |text: &str| Some(text.to_owned());
    for event in [None, Some(EventId(1)), Some(EventId(2))] {
        let of_event = |at: usize| event.is_none_or(|event| event.0 == teller_of(at) as u64 + 1);
        let filter = || OrderFilter { event, ..OrderFilter::default() };
        shop.check(OrderFilter { buyer: text("buyer 1"), ..filter() }, |at| of_event(at) && at % 3 == 1)
            .await;
        shop.check(OrderFilter { buyer: text("nobody"), ..filter() }, |_| false).await;
        shop.check(OrderFilter { is_cancelled: Some(true), ..filter() }, |at| of_event(at) && at % 4 == 3)
            .await;
        shop.check(OrderFilter { is_cancelled: Some(false), ..filter() }, |at| of_event(at) && at % 4 != 3)
            .await;
        shop.check(OrderFilter { reference: text("ref 5"), ..filter() }, |at| of_event(at) && at == 5).await;
        shop.check(OrderFilter { payment_ref: text("cash"), ..filter() }, |at| of_event(at) && at % 2 == 0)
            .await;
        shop.check(OrderFilter { code: text("code 14"), ..filter() }, |at| of_event(at) && at == 14).await;
        let both = OrderFilter { payment_ref: text("cash"), buyer: text("buyer 0"), ..filter() };
        shop.check(both, |at| of_event(at) && at % 6 == 0).await;
        let all = OrderFilter { payment_ref: text("cash"), reference: text("ref 10"), ..filter() };
        shop.check(all, |at| of_event(at) && at == 10).await;
        let contradiction = OrderFilter { code: text("code 14"), reference: text("ref 10"), ..filter() };
        shop.check(contradiction, |_| false).await;
    }
}

#[tokio::test]
async fn accounts_see_their_own_orders_only() {
    let shop = shop().await;
    let page = Page { after: 0, limit: 100 };
    let filters = [
        OrderFilter::default(),
        OrderFilter { event: Some(EventId(1)), ..OrderFilter::default() },
        OrderFilter { payment_ref: Some("cash".to_owned()), ..OrderFilter::default() },
        OrderFilter { code: Some("code 14".to_owned()), ..OrderFilter::default() },
    ];
    for filter in filters {
        let of = async |organization, livemode| {
            shop.place.store.orders(organization, livemode, filter.clone(), page).await.unwrap().len()
        };
        assert!(of(ORGANIZATION, false).await > 0);
        assert_eq!(of(ORGANIZATION, true).await, 0, "{filter:?}");
        assert_eq!(of(domain::id::OrganizationId(9), false).await, 0, "{filter:?}");
    }
}

#[tokio::test]
async fn a_list_goes_on_after_its_newest_order() {
    let shop = shop().await;
    let all =
        shop.place.store.orders(ORGANIZATION, false, OrderFilter::default(), Page { after: 0, limit: 100 });
    let last = all.await.unwrap().last().unwrap().0;
    let next = async || {
        let page = Page { after: last, limit: 100 };
        shop.place.store.orders(ORGANIZATION, false, OrderFilter::default(), page).await.unwrap()
    };
    assert!(next().await.is_empty());
    // Another event's deletion must not make positions come twice.
    shop.place.event_of(plain_event(3)).await;
    let third = shop.place.teller(EventId(3)).await;
    shop.place.done(&third, vec![book("x", &[1])]).await;
    shop.place.store.delete_event(EventId(3)).await.unwrap();
    shop.place.done(&shop.tellers[0], vec![book("y", &[90]), book("z", &[91])]).await;
    let page = next().await;
    assert_eq!(page.iter().map(|(_, order)| &*order.buyer).collect::<Vec<_>>(), ["y", "z"]);
    assert!(page.is_sorted_by_key(|(position, _)| *position));
}

#[tokio::test]
async fn an_erased_buyers_orders_are_found_among_those_of_several_events() {
    let shop = shop().await;
    let buyer = LimitKey { text: "buyer 1".to_owned(), digest: digest("buyer 1") };
    let erased = shop.place.store.erase_buyer(ORGANIZATION, false, buyer).await.unwrap();
    assert_eq!((erased.orders, erased.replies), (7, 0), "{erased:?}");
    let of = |buyer: &str| OrderFilter { buyer: Some(buyer.to_owned()), ..OrderFilter::default() };
    shop.check(of("buyer 1"), |_| false).await;
    shop.check(of(""), |at| at % 3 == 1).await;
    shop.check(of("buyer 2"), |at| at % 3 == 2).await;
}

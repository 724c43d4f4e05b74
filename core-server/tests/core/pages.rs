//! Lists: pages, their tokens, and search.

use std::collections::BTreeSet;

use tonic::{Code, Status};
use warung_proto::{
    ErrorReason,
    library::{ListCategoriesRequest, ListTitlesRequest, ListTitlesResponse, PutCategoryRequest},
    operations::ListAuditEntriesRequest,
};
use warung_store::{on_both_databases, testing::TestDatabase};

use crate::support::{Caller, Shop, assert_refused, file, free, title};

on_both_databases! {
    pages_have_everything_once_newest_first;
    a_page_token_is_good_for_its_own_list_alone;
    a_search_finds_words_and_their_beginnings;
    punctuation_hides_no_film;
    a_category_shows_what_is_on_it;
    a_change_is_listed_at_once_where_it_was_made_and_soon_elsewhere;
    what_is_wrong_with_a_title_is_told_all_at_once;
}

async fn list(shop: &Shop, message: ListTitlesRequest) -> Result<ListTitlesResponse, Status> {
    Ok(shop.library().list_titles(Caller::operator().says(message)).await?.into_inner())
}

async fn pages_have_everything_once_newest_first(database: TestDatabase) {
    let shop = Shop::open(database).await;
    for number in 0..45 {
        let mut film = title(&format!("filem-{number:02}"), [free(file())]);
        film.hidden = number % 15 == 14;
        shop.put(film).await;
    }
    let mut seen = Vec::new();
    let mut page_token = String::new();
    loop {
        let page = list(&shop, ListTitlesRequest { page_token, ..Default::default() }).await.unwrap();
        assert!(page.titles.len() == 20 || page.next_page_token.is_empty());
        seen.extend(page.titles.into_iter().map(|title| title.code));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
        // What comes meanwhile stands before all pages and disturbs none.
        shop.put(title(&format!("baru-{}", seen.len()), [free(file())])).await;
    }
    let expected: Vec<_> =
        (0..45).rev().filter(|number| number % 15 != 14).map(|number| format!("filem-{number:02}")).collect();
    assert_eq!(seen, expected);
    let all = list(&shop, ListTitlesRequest { page_size: 1_000, ..Default::default() }).await.unwrap();
    assert_eq!((all.titles.len(), all.next_page_token.as_str()), (44, ""));
    let exact = list(&shop, ListTitlesRequest { page_size: 44, ..Default::default() }).await.unwrap();
    assert_eq!(exact.next_page_token, "", "no empty page follows the last");
    let negative = list(&shop, ListTitlesRequest { page_size: -1, ..Default::default() }).await;
    assert_refused(negative, Code::InvalidArgument, ErrorReason::InvalidArgument);
}

async fn a_change_is_listed_at_once_where_it_was_made_and_soon_elsewhere(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let all = ListTitlesRequest::default;
    assert_eq!(list(&shop, all()).await.unwrap().titles.len(), 0);
    shop.put(title("satu", [free(file())])).await;
    assert_eq!(list(&shop, all()).await.unwrap().titles.len(), 1);
    if shop.core.engine().is_shared() {
        let other = shop.replica().await;
        assert_eq!(list(&other, all()).await.unwrap().titles.len(), 1);
        shop.put(title("dua", [free(file())])).await;
        let started = std::time::Instant::now();
        while list(&other, all()).await.unwrap().titles.len() != 2 {
            assert!(started.elapsed().as_secs() < 30, "the page of the other replica stays as it was");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
    let mut hidden = title("satu", [free(file())]);
    hidden.hidden = true;
    let before = list(&shop, all()).await.unwrap().titles.len();
    shop.put(hidden).await;
    assert_eq!(list(&shop, all()).await.unwrap().titles.len(), before - 1);
}

async fn a_page_token_is_good_for_its_own_list_alone(database: TestDatabase) {
    let shop = Shop::open(database).await;
    for code in ["satu", "dua", "tiga"] {
        shop.put(title(code, [free(file())])).await;
    }
    let first = list(&shop, ListTitlesRequest { page_size: 1, ..Default::default() }).await.unwrap();
    let token = first.next_page_token;
    let mut altered = token.clone();
    let last = if token.ends_with('A') { "E" } else { "A" };
    altered.replace_range(token.len() - 1.., last);
    let audit = ListAuditEntriesRequest { page_size: 1, ..Default::default() };
    let audit = shop.operations().list_audit_entries(Caller::operator().says(audit)).await.unwrap().into_inner();
    let foreign = audit.next_page_token;
    assert!(!foreign.is_empty());
    let session = Caller::operator();
    for (name, message) in [
        ("altered", ListTitlesRequest { page_token: altered, ..Default::default() }),
        ("cut", ListTitlesRequest { page_token: token[1..].to_owned(), ..Default::default() }),
        ("made up", ListTitlesRequest { page_token: "AAAA".into(), ..Default::default() }),
        ("long", ListTitlesRequest { page_token: "A".repeat(100_000), ..Default::default() }),
        ("another list's", ListTitlesRequest { page_token: foreign, ..Default::default() }),
        (
            "another query's",
            ListTitlesRequest { page_token: token.clone(), query: "judul".into(), ..Default::default() },
        ),
    ] {
        let refused = shop.library().list_titles(session.says(message)).await;
        let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::PageTokenInvalid);
        assert!(!status.message().is_empty(), "{name}");
    }
    let other_size = ListTitlesRequest { page_token: token, page_size: 2, ..Default::default() };
    assert_eq!(list(&shop, other_size).await.unwrap().titles.len(), 2, "a page may be of another size");
}

async fn a_search_finds_words_and_their_beginnings(database: TestDatabase) {
    let shop = Shop::open(database).await;
    for (code, name) in [("satu", "Cinta Pertama"), ("dua", "CINTÁ Kedua 100%"), ("tiga", "Rahasia_Hati")] {
        let mut film = title(code, [free(file())]);
        film.name = name.into();
        shop.put(film).await;
    }
    for (query, expected) in [
        ("cinta", &["dua", "satu"][..]),
        ("CINTA kedu", &["dua"]),
        ("hati", &["tiga"]),
        ("100%", &["dua"]),
        ("%%cinta__", &["dua", "satu"]),
        ("tidak ada", &[]),
        ("' or 1=1 --", &[]),
    ] {
        let found = list(&shop, ListTitlesRequest { query: query.into(), ..Default::default() }).await.unwrap();
        let codes: Vec<_> = found.titles.iter().map(|title| title.code.as_str()).collect();
        assert_eq!(codes, expected, "{query}");
    }
    for query in ["a", "%%", "\0", &"a".repeat(101)] {
        let refused = list(&shop, ListTitlesRequest { query: query.into(), ..Default::default() }).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
}

async fn punctuation_hides_no_film(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let names = [
        ("dont", "Don’t Look Up"),
        ("laba", "Spider-Man: Pulang"),
        ("wifi", "Wifi Gratis"),
        ("bahasa", "C++ untuk Semua"),
    ];
    for (code, name) in names {
        let mut film = title(code, [free(file())]);
        film.name = name.into();
        shop.put(film).await;
    }
    for (query, expected) in [
        ("dont", &["dont"][..]),
        ("don't", &["dont"]),
        ("dont lo", &["dont"]),
        ("don t look", &["dont"]),
        ("spiderman", &["laba"]),
        ("Spider-Man", &["laba"]),
        ("spider man", &["laba"]),
        ("spiderm", &["laba"]),
        ("spider-ma", &["laba"]),
        ("wi-fi", &["wifi"]),
        ("c++", &["bahasa"]),
        ("c++ semua", &["bahasa"]),
        ("manusia", &[]),
    ] {
        let found = list(&shop, ListTitlesRequest { query: query.into(), ..Default::default() }).await.unwrap();
        let codes: Vec<_> = found.titles.iter().map(|title| title.code.as_str()).collect();
        assert_eq!(codes, expected, "{query}");
    }
}

async fn a_category_shows_what_is_on_it(database: TestDatabase) {
    let shop = Shop::open(database).await;
    for (code, name) in [("drama", "Drama"), ("kosong", "Kosong")] {
        let message = PutCategoryRequest {
            request_id: shop.request_id(),
            code: code.into(),
            name: name.into(),
            emoji: "🎭".into(),
            ..Default::default()
        };
        shop.library_admin().put_category(Caller::operator().says(message)).await.unwrap();
    }
    let mut film = title("filem", [free(file())]);
    film.category_code = "drama".into();
    shop.put(film).await;
    shop.put(title("lepas", [free(file())])).await;
    let shelves = shop.library().list_categories(Caller::nobody().says(ListCategoriesRequest {})).await.unwrap();
    let shelves = shelves.into_inner().categories;
    assert_eq!(shelves.iter().map(|shelf| shelf.code.as_str()).collect::<Vec<_>>(), ["drama"]);
    for name in ["drama", &shelves[0].category_id] {
        let found = list(&shop, ListTitlesRequest { category_id: name.into(), ..Default::default() }).await.unwrap();
        let codes: BTreeSet<_> = found.titles.iter().map(|title| title.code.as_str()).collect();
        assert_eq!(codes, BTreeSet::from(["filem"]));
        assert_eq!(found.titles[0].category.as_ref().unwrap().name, "Drama");
    }
    for unknown in ["horor", "cat_7zzzzzzzzzzzzzzzzzzzzzzzzz"] {
        let refused = list(&shop, ListTitlesRequest { category_id: unknown.into(), ..Default::default() }).await;
        assert_refused(refused, Code::NotFound, ErrorReason::NotFound);
    }
}

async fn what_is_wrong_with_a_title_is_told_all_at_once(database: TestDatabase) {
    use tonic_types::StatusExt as _;
    let shop = Shop::open(database).await;
    let mut film = title("Huruf Besar", []);
    film.name = "a\u{1}b".into();
    film.synopsis = "x".repeat(4_001);
    film.release_year = 1;
    film.request_id = shop.request_id();
    let refused = shop.library_admin().put_title(Caller::operator().says(film)).await;
    let status = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    let fields: BTreeSet<_> =
        status.get_details_bad_request().unwrap().field_violations.into_iter().map(|found| found.field).collect();
    for field in ["code", "name", "synopsis", "release_year", "episodes"] {
        assert!(fields.contains(field), "{field} is not in {fields:?}");
    }
}

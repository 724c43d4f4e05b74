-- The schema that the migrations make. Generated: UPDATE_SCHEMA=1 cargo test -p warung-store schema

CREATE TABLE "activity" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "create_time" timestamp_with_timezone_text NOT NULL,
    "principal" text NOT NULL,
    "method" text NOT NULL,
    "outcome" text NOT NULL,
    "duration_us" integer NOT NULL,
    "call_id" text NOT NULL
);

CREATE INDEX ix_activity_create_time on activity (create_time);

CREATE TABLE "alert" (
    "key" text NOT NULL PRIMARY KEY,
    "told_time" timestamp_with_timezone_text NOT NULL,
    "suppressed" integer NOT NULL
);

CREATE TABLE "api_key" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "name" text NOT NULL,
    "secret_hash" blob NOT NULL UNIQUE,
    "scopes" text NOT NULL,
    "create_time" timestamp_with_timezone_text NOT NULL,
    "last_use_time" timestamp_with_timezone_text NULL,
    "revoke_time" timestamp_with_timezone_text NULL
);

CREATE TABLE "audit_entry" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "create_time" timestamp_with_timezone_text NOT NULL,
    "actor" text NOT NULL,
    "command" text NOT NULL,
    "target" text NOT NULL,
    "before_json" text NULL,
    "after_json" text NULL
);

CREATE TABLE "book_checkpoint" (
    "until" uuid_text NOT NULL PRIMARY KEY,
    "sealed" text NOT NULL,
    "create_time" timestamp_with_timezone_text NOT NULL
);

CREATE TABLE "bot_pace" (
    "bot" text NOT NULL PRIMARY KEY,
    "tokens_milli" integer NOT NULL,
    "refill_time" timestamp_with_timezone_text NOT NULL,
    "blocked_until" timestamp_with_timezone_text NOT NULL,
    "pause_ms" integer NOT NULL,
    "refused_chat_id" integer NOT NULL
);

CREATE TABLE "call_budget" (
    "principal" text NOT NULL,
    "kind" text NOT NULL,
    "window_time" timestamp_with_timezone_text NOT NULL,
    "used" integer NOT NULL,
    PRIMARY KEY ("principal", "kind", "window_time")
);

CREATE INDEX ix_call_budget_window_time on call_budget (window_time);

CREATE TABLE "category" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "area" text NOT NULL,
    "code" text NOT NULL,
    "name" text NOT NULL,
    "emoji" text NOT NULL,
    "create_time" timestamp_with_timezone_text NOT NULL,
    "update_time" timestamp_with_timezone_text NOT NULL
);

CREATE UNIQUE INDEX uq_category_code on category (area, code);

CREATE TABLE "delivery" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "bot" text NOT NULL,
    "chat_id" integer NOT NULL,
    "lane" integer NOT NULL,
    "operation" text NOT NULL,
    "purpose" text NOT NULL,
    "purpose_id" uuid_text NULL,
    "state" text NOT NULL,
    "attempts" integer NOT NULL,
    "due_time" timestamp_with_timezone_text NOT NULL,
    "worker" text NULL,
    "may_be_repeated" boolean NOT NULL,
    "message_id" integer NULL,
    "error" text NULL,
    "create_time" timestamp_with_timezone_text NOT NULL,
    "release_time" timestamp_with_timezone_text NOT NULL,
    "done_time" timestamp_with_timezone_text NULL
);

CREATE INDEX ix_delivery_chat on delivery (bot, chat_id, id) where done_time is null;

CREATE INDEX ix_delivery_done on delivery (bot, chat_id, done_time) where done_time is not null;

CREATE INDEX ix_delivery_due on delivery (bot, lane, due_time) where done_time is null;

CREATE INDEX ix_delivery_held on delivery (bot, chat_id) where state in ('BLOCKED', 'NEVER_STARTED');

CREATE INDEX ix_delivery_purpose on delivery (purpose, purpose_id);

CREATE INDEX ix_delivery_worker on delivery (worker) where done_time is null and worker is not null;

CREATE TABLE "episode" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "title_id" uuid_text NOT NULL,
    "number" integer NOT NULL,
    "name" text NOT NULL,
    "access" text NOT NULL,
    "duration_seconds" integer NOT NULL,
    "hidden" boolean NOT NULL,
    "video_kind" text NULL,
    "video_file_id" text NULL,
    "video_bot_id" integer NULL,
    "video_chat_id" integer NULL,
    "video_message_id" integer NULL,
    "video_url" text NULL,
    "create_time" timestamp_with_timezone_text NOT NULL,
    "update_time" timestamp_with_timezone_text NOT NULL,
    FOREIGN KEY ("title_id") REFERENCES "title" ("id")
);

CREATE UNIQUE INDEX uq_episode_number on episode (title_id, number);

CREATE TABLE "idempotency" (
    "principal" text NOT NULL,
    "command" text NOT NULL,
    "request_id" uuid_text NOT NULL,
    "request_hash" blob NOT NULL,
    "output" text NOT NULL,
    "create_time" timestamp_with_timezone_text NOT NULL,
    PRIMARY KEY ("principal", "command", "request_id")
);

CREATE INDEX ix_idempotency_create_time on idempotency (create_time);

CREATE TABLE "job_run" (
    "job" text NOT NULL,
    "scheduled_time" timestamp_with_timezone_text NOT NULL,
    "start_time" timestamp_with_timezone_text NOT NULL,
    "done_time" timestamp_with_timezone_text NULL,
    PRIMARY KEY ("job", "scheduled_time")
);

CREATE TABLE "journal" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "kind" text NOT NULL,
    "ref_id" uuid_text NOT NULL,
    "order_id" uuid_text NULL,
    "create_time" timestamp_with_timezone_text NOT NULL,
    FOREIGN KEY ("order_id") REFERENCES "orders" ("id")
);

CREATE INDEX ix_journal_order on journal (order_id) where order_id is not null;

CREATE TRIGGER journal_no_delete before delete on journal begin select raise(abort, 'the ledger is append-only'); end;

CREATE TRIGGER journal_no_update before update on journal begin select raise(abort, 'the ledger is append-only'); end;

CREATE UNIQUE INDEX uq_journal_ref on journal (kind, ref_id);

CREATE TABLE "lease" (
    "name" text NOT NULL PRIMARY KEY,
    "holder" text NOT NULL,
    "expire_time" timestamp_with_timezone_text NOT NULL
);

CREATE TABLE "ledger_entry" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "journal_id" uuid_text NOT NULL,
    "account" text NOT NULL,
    "currency" text NOT NULL,
    "amount_minor" integer NOT NULL CHECK ("amount_minor" <> 0),
    "balance_after_minor" integer NULL,
    FOREIGN KEY ("journal_id") REFERENCES "journal" ("id")
);

CREATE INDEX ix_ledger_entry_account on ledger_entry (account, id desc);

CREATE INDEX ix_ledger_entry_journal on ledger_entry (journal_id);

CREATE TRIGGER ledger_entry_no_delete before delete on ledger_entry begin select raise(abort, 'the ledger is append-only'); end;

CREATE TRIGGER ledger_entry_no_update before update on ledger_entry begin select raise(abort, 'the ledger is append-only'); end;

CREATE TABLE "media" (
    "hash" text NOT NULL PRIMARY KEY,
    "content_type" text NOT NULL,
    "size_bytes" integer NOT NULL,
    "width" integer NOT NULL,
    "height" integer NOT NULL,
    "create_time" timestamp_with_timezone_text NOT NULL
);

CREATE TABLE "media_file" (
    "hash" text NOT NULL,
    "bot_id" integer NOT NULL,
    "file_id" text NOT NULL,
    PRIMARY KEY ("hash", "bot_id"),
    FOREIGN KEY ("hash") REFERENCES "media" ("hash")
);

CREATE TABLE "membership" (
    "user_id" uuid_text NOT NULL PRIMARY KEY,
    "expire_time" timestamp_with_timezone_text NOT NULL,
    "update_time" timestamp_with_timezone_text NOT NULL,
    FOREIGN KEY ("user_id") REFERENCES "users" ("id")
);

CREATE TABLE "order_line" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "order_id" uuid_text NOT NULL,
    "number" integer NOT NULL,
    "product_id" uuid_text NULL,
    "product_name" text NOT NULL,
    "kind" text NOT NULL,
    "quantity" integer NOT NULL,
    "unit_price_minor" integer NOT NULL,
    "gross_minor" integer NOT NULL,
    "discount_minor" integer NOT NULL,
    "net_minor" integer NOT NULL,
    "refunded_minor" integer NOT NULL,
    "membership_days" integer NOT NULL,
    "goods_cipher" blob NULL,
    FOREIGN KEY ("order_id") REFERENCES "orders" ("id"),
    FOREIGN KEY ("product_id") REFERENCES "product" ("id")
);

CREATE UNIQUE INDEX uq_order_line_number on order_line (order_id, number);

CREATE TABLE "orders" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "code" text NOT NULL UNIQUE,
    "buyer_id" uuid_text NOT NULL,
    "receiver_id" uuid_text NULL,
    "api_key_id" uuid_text NULL,
    "state" text NOT NULL,
    "currency" text NOT NULL,
    "subtotal_minor" integer NOT NULL,
    "discount_minor" integer NOT NULL,
    "due_minor" integer NOT NULL,
    "paid_minor" integer NOT NULL,
    "refunded_minor" integer NOT NULL,
    "rule_version" text NOT NULL,
    "gateways" text NULL,
    "expire_time" timestamp_with_timezone_text NOT NULL,
    "hold_reason" text NULL,
    "paid_time" timestamp_with_timezone_text NULL,
    "end_time" timestamp_with_timezone_text NULL,
    "version" integer NOT NULL,
    "create_time" timestamp_with_timezone_text NOT NULL,
    FOREIGN KEY ("buyer_id") REFERENCES "users" ("id"),
    FOREIGN KEY ("receiver_id") REFERENCES "users" ("id"),
    FOREIGN KEY ("api_key_id") REFERENCES "api_key" ("id")
);

CREATE INDEX ix_orders_api_key on orders (api_key_id, id desc) where api_key_id is not null;

CREATE INDEX ix_orders_buyer on orders (buyer_id, id desc);

CREATE INDEX ix_orders_due on orders (expire_time) where state = 'PENDING';

CREATE INDEX ix_orders_state on orders (state, id desc);

CREATE INDEX ix_orders_unpaid on orders (buyer_id, api_key_id) where state = 'PENDING';

CREATE TABLE "payment" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "order_id" uuid_text NOT NULL,
    "number" integer NOT NULL,
    "reference" text NOT NULL UNIQUE,
    "gateway" text NOT NULL,
    "method" text NOT NULL,
    "state" text NOT NULL,
    "currency" text NOT NULL,
    "amount_minor" integer NOT NULL,
    "fee_minor" integer NOT NULL,
    "total_minor" integer NOT NULL,
    "received_minor" integer NULL,
    "payload" text NULL,
    "pay_url" text NULL,
    "expire_time" timestamp_with_timezone_text NULL,
    "paid_time" timestamp_with_timezone_text NULL,
    "awaits" text NULL,
    "reversed_minor" integer NULL,
    "review_reason" text NULL,
    "create_time" timestamp_with_timezone_text NOT NULL,
    FOREIGN KEY ("order_id") REFERENCES "orders" ("id")
);

CREATE INDEX ix_payment_review on payment (id desc) where review_reason is not null;

CREATE UNIQUE INDEX uq_payment_number on payment (order_id, number);

CREATE UNIQUE INDEX uq_payment_open on payment (order_id) where state in ('CREATING', 'OPEN', 'AWAITING');

CREATE TABLE "pending_action" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "user_id" uuid_text NOT NULL,
    "title_request_id" uuid_text NOT NULL,
    "token_hash" blob NOT NULL UNIQUE,
    "expire_time" timestamp_with_timezone_text NOT NULL,
    "redeem_time" timestamp_with_timezone_text NULL,
    "create_time" timestamp_with_timezone_text NOT NULL,
    FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
    FOREIGN KEY ("title_request_id") REFERENCES "title_request" ("id")
);

CREATE INDEX ix_pending_action_user on pending_action (user_id, id desc) where redeem_time is null;

CREATE UNIQUE INDEX uq_pending_action_open on pending_action (title_request_id) where redeem_time is null;

CREATE TABLE "product" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "code" text NOT NULL UNIQUE,
    "name" text NOT NULL,
    "description" text NOT NULL,
    "category_id" uuid_text NULL,
    "kind" text NOT NULL,
    "currency" text NOT NULL,
    "price_minor" integer NOT NULL,
    "picture_hash" text NULL,
    "membership_days" integer NOT NULL,
    "shared_cipher" blob NULL,
    "gateways" text NULL,
    "archived" boolean NOT NULL,
    "create_time" timestamp_with_timezone_text NOT NULL,
    "update_time" timestamp_with_timezone_text NOT NULL,
    FOREIGN KEY ("category_id") REFERENCES "category" ("id"),
    FOREIGN KEY ("picture_hash") REFERENCES "media" ("hash")
);

CREATE INDEX ix_product_shown on product (id desc) where not archived;

CREATE INDEX ix_product_shown_category on product (category_id, id desc) where not archived;

CREATE INDEX ix_product_shown_kind on product (kind, id desc) where not archived;

CREATE TABLE "product_stock" (
    "product_id" uuid_text NOT NULL PRIMARY KEY,
    "available" integer NOT NULL CHECK ("available" >= 0),
    "reserved" integer NOT NULL CHECK ("reserved" >= 0),
    "sold" integer NOT NULL CHECK ("sold" >= 0),
    FOREIGN KEY ("product_id") REFERENCES "product" ("id")
);

CREATE TABLE "question" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "payment_id" uuid_text NOT NULL,
    "gateway" text NOT NULL,
    "amount_minor" integer NOT NULL,
    "is_own" boolean NOT NULL,
    "is_reversal" boolean NOT NULL,
    "state" text NOT NULL,
    "due_time" timestamp_with_timezone_text NULL,
    "lease_time" timestamp_with_timezone_text NULL,
    "told_time" timestamp_with_timezone_text NULL,
    "rest_time" timestamp_with_timezone_text NULL,
    "create_time" timestamp_with_timezone_text NOT NULL,
    FOREIGN KEY ("payment_id") REFERENCES "payment" ("id")
);

CREATE INDEX ix_question_due on question (due_time) where due_time is not null;

CREATE INDEX ix_question_lease on question (lease_time) where lease_time is not null;

CREATE INDEX ix_question_rest on question (rest_time) where rest_time is not null;

CREATE UNIQUE INDEX uq_question on question (payment_id, amount_minor);

CREATE TABLE "refund" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "order_id" uuid_text NOT NULL,
    "payment_id" uuid_text NULL,
    "destination" text NOT NULL,
    "currency" text NOT NULL,
    "amount_minor" integer NOT NULL,
    "state" text NOT NULL,
    "reason" text NOT NULL,
    "actor" text NOT NULL,
    "create_time" timestamp_with_timezone_text NOT NULL,
    "done_time" timestamp_with_timezone_text NULL,
    FOREIGN KEY ("order_id") REFERENCES "orders" ("id"),
    FOREIGN KEY ("payment_id") REFERENCES "payment" ("id")
);

CREATE INDEX ix_refund_order on refund (order_id);

CREATE INDEX ix_refund_pending on refund (id) where state = 'PENDING';

CREATE TABLE "refund_line" (
    "refund_id" uuid_text NOT NULL,
    "order_line_id" uuid_text NOT NULL,
    "amount_minor" integer NOT NULL,
    PRIMARY KEY ("refund_id", "order_line_id"),
    FOREIGN KEY ("refund_id") REFERENCES "refund" ("id"),
    FOREIGN KEY ("order_line_id") REFERENCES "order_line" ("id")
);

CREATE TABLE "reveal" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "order_line_id" uuid_text NOT NULL,
    "actor" text NOT NULL,
    "delivery_id" uuid_text NULL,
    "create_time" timestamp_with_timezone_text NOT NULL,
    FOREIGN KEY ("order_line_id") REFERENCES "order_line" ("id")
);

CREATE INDEX ix_reveal_order_line on reveal (order_line_id);

CREATE TABLE "seaql_migrations" (
    "version" varchar NOT NULL PRIMARY KEY,
    "applied_at" integer NOT NULL
);

CREATE TABLE "search_document" (
    "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
    "area" text NOT NULL,
    "ref_id" uuid_text NOT NULL,
    "words" text NOT NULL
);

CREATE TRIGGER search_document_delete after delete on search_document begin insert into search_words(search_words, rowid, words) values ('delete', old.id, old.words); end;

CREATE TRIGGER search_document_insert after insert on search_document begin insert into search_words(rowid, words) values (new.id, new.words); end;

CREATE TRIGGER search_document_update after update on search_document begin insert into search_words(search_words, rowid, words) values ('delete', old.id, old.words); insert into search_words(rowid, words) values (new.id, new.words); end;

CREATE UNIQUE INDEX uq_search_document_ref on search_document (area, ref_id);

CREATE VIRTUAL TABLE search_words using fts5(
   words,
    content='search_document',
    content_rowid='id',
    tokenize="unicode61 tokenchars '#'",
    prefix='2 3',
    detail=none,
    columnsize=0
);

CREATE TABLE "secret_check" (
    "id" integer NOT NULL PRIMARY KEY,
    "sealed" blob NOT NULL,
    "create_time" timestamp_with_timezone_text NOT NULL
);

CREATE TABLE "setting" (
    "key" text NOT NULL PRIMARY KEY,
    "value" text NOT NULL,
    "updated_by" text NOT NULL,
    "update_time" timestamp_with_timezone_text NOT NULL
);

CREATE TABLE sqlite_sequence(
   name,
   seq
);

CREATE TABLE "standing" (
    "telegram_id" integer NOT NULL PRIMARY KEY,
    "state" text NOT NULL,
    "rights" text NOT NULL,
    "reason" text NOT NULL,
    "changed_by" text NOT NULL,
    "change_time" timestamp_with_timezone_text NOT NULL
);

CREATE INDEX ix_standing_blocked on standing (telegram_id) where state = 'BLOCKED';

CREATE TABLE "standing_version" (
    "id" integer NOT NULL PRIMARY KEY,
    "version" integer NOT NULL
);

CREATE TABLE "stock_line" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "product_id" uuid_text NOT NULL,
    "cipher" blob NOT NULL,
    "fingerprint" blob NOT NULL,
    "state" text NOT NULL,
    "order_line_id" uuid_text NULL,
    "create_time" timestamp_with_timezone_text NOT NULL,
    "sold_time" timestamp_with_timezone_text NULL,
    FOREIGN KEY ("product_id") REFERENCES "product" ("id")
);

CREATE INDEX ix_stock_line_available on stock_line (product_id, id) where state = 'AVAILABLE';

CREATE INDEX ix_stock_line_order_line on stock_line (order_line_id) where order_line_id is not null;

CREATE UNIQUE INDEX uq_stock_line_fingerprint on stock_line (product_id, fingerprint);

CREATE TABLE "title" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "code" text NOT NULL UNIQUE,
    "name" text NOT NULL,
    "synopsis" text NOT NULL,
    "category_id" uuid_text NULL,
    "poster_hash" text NULL,
    "release_year" integer NOT NULL,
    "hidden" boolean NOT NULL,
    "episode_count" integer NOT NULL,
    "free_episode_count" integer NOT NULL,
    "create_time" timestamp_with_timezone_text NOT NULL,
    "update_time" timestamp_with_timezone_text NOT NULL,
    FOREIGN KEY ("category_id") REFERENCES "category" ("id"),
    FOREIGN KEY ("poster_hash") REFERENCES "media" ("hash")
);

CREATE INDEX ix_title_shown on title (id desc) where not hidden;

CREATE INDEX ix_title_shown_category on title (category_id, id desc) where not hidden;

CREATE TABLE "title_request" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "user_id" uuid_text NOT NULL,
    "episode_id" uuid_text NOT NULL,
    "state" text NOT NULL,
    "pending_action_id" uuid_text NULL,
    "create_time" timestamp_with_timezone_text NOT NULL,
    "update_time" timestamp_with_timezone_text NOT NULL,
    FOREIGN KEY ("user_id") REFERENCES "users" ("id"),
    FOREIGN KEY ("episode_id") REFERENCES "episode" ("id")
);

CREATE INDEX ix_title_request_recent on title_request (user_id, episode_id, id desc);

CREATE TABLE "users" (
    "id" uuid_text NOT NULL PRIMARY KEY,
    "telegram_id" integer NOT NULL UNIQUE,
    "first_name" text NOT NULL,
    "last_name" text NOT NULL,
    "username" text NOT NULL,
    "language_code" text NOT NULL,
    "language_chosen" boolean NOT NULL,
    "contact_state" text NOT NULL,
    "create_time" timestamp_with_timezone_text NOT NULL,
    "update_time" timestamp_with_timezone_text NOT NULL ,
    "opened_time" timestamp_with_timezone_text NULL
);

CREATE TABLE "wallet" (
    "user_id" uuid_text NOT NULL PRIMARY KEY,
    "balance_minor" integer NOT NULL CHECK ("balance_minor" >= 0),
    "receivable_minor" integer NOT NULL CHECK ("receivable_minor" >= 0),
    "update_time" timestamp_with_timezone_text NOT NULL,
    FOREIGN KEY ("user_id") REFERENCES "users" ("id")
);

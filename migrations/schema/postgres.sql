-- The schema that the migrations make. Generated: UPDATE_SCHEMA=1 cargo test -p warung-store schema

create table activity (
    id uuid not null,
    create_time timestamp with time zone not null,
    principal text not null,
    method text not null,
    outcome text not null,
    duration_us bigint not null,
    call_id text not null,
    constraint activity_pkey PRIMARY KEY (id)
);

CREATE INDEX ix_activity_create_time ON public.activity USING btree (create_time);

create table alert (
    key text not null,
    told_time timestamp with time zone not null,
    suppressed bigint not null,
    constraint alert_pkey PRIMARY KEY (key)
);

create table api_key (
    id uuid not null,
    name text not null,
    secret_hash bytea not null,
    scopes text not null,
    create_time timestamp with time zone not null,
    last_use_time timestamp with time zone,
    revoke_time timestamp with time zone,
    constraint api_key_secret_hash_key UNIQUE (secret_hash),
    constraint api_key_pkey PRIMARY KEY (id)
);

create table audit_entry (
    id uuid not null,
    create_time timestamp with time zone not null,
    actor text not null,
    command text not null,
    target text not null,
    before_json text,
    after_json text,
    constraint audit_entry_pkey PRIMARY KEY (id)
);

create table book_checkpoint (
    until uuid not null,
    sealed text not null,
    create_time timestamp with time zone not null,
    constraint book_checkpoint_pkey PRIMARY KEY (until)
);

create table bot_pace (
    bot text not null,
    tokens_milli bigint not null,
    refill_time timestamp with time zone not null,
    blocked_until timestamp with time zone not null,
    pause_ms bigint not null,
    refused_chat_id bigint not null,
    constraint bot_pace_pkey PRIMARY KEY (bot)
);

create table call_budget (
    principal text not null,
    kind text not null,
    window_time timestamp with time zone not null,
    used bigint not null,
    constraint call_budget_pkey PRIMARY KEY (principal, kind, window_time)
);

CREATE INDEX ix_call_budget_window_time ON public.call_budget USING btree (window_time);

create table category (
    id uuid not null,
    area text not null,
    code text not null,
    name text not null,
    emoji text not null,
    create_time timestamp with time zone not null,
    update_time timestamp with time zone not null,
    constraint category_pkey PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_category_code ON public.category USING btree (area, code);

create table delivery (
    id uuid not null,
    bot text not null,
    chat_id bigint not null,
    lane bigint not null,
    operation text not null,
    purpose text not null,
    purpose_id uuid,
    state text not null,
    attempts bigint not null,
    due_time timestamp with time zone not null,
    worker text,
    may_be_repeated boolean not null,
    message_id bigint,
    error text,
    create_time timestamp with time zone not null,
    release_time timestamp with time zone not null,
    done_time timestamp with time zone,
    constraint delivery_pkey PRIMARY KEY (id)
);

CREATE INDEX ix_delivery_chat ON public.delivery USING btree (bot, chat_id, id) WHERE (done_time IS NULL);

CREATE INDEX ix_delivery_done ON public.delivery USING btree (bot, chat_id, done_time) WHERE (done_time IS NOT NULL);

CREATE INDEX ix_delivery_due ON public.delivery USING btree (bot, lane, due_time) WHERE (done_time IS NULL);

CREATE INDEX ix_delivery_held ON public.delivery USING btree (bot, chat_id) WHERE (state = ANY (ARRAY['BLOCKED'::text, 'NEVER_STARTED'::text]));

CREATE INDEX ix_delivery_purpose ON public.delivery USING btree (purpose, purpose_id);

CREATE INDEX ix_delivery_worker ON public.delivery USING btree (worker) WHERE ((done_time IS NULL) AND (worker IS NOT NULL));

create table episode (
    id uuid not null,
    title_id uuid not null,
    number bigint not null,
    name text not null,
    access text not null,
    duration_seconds bigint not null,
    hidden boolean not null,
    video_kind text,
    video_file_id text,
    video_bot_id bigint,
    video_chat_id bigint,
    video_message_id bigint,
    video_url text,
    create_time timestamp with time zone not null,
    update_time timestamp with time zone not null,
    constraint episode_pkey PRIMARY KEY (id),
    constraint episode_title_id_fkey FOREIGN KEY (title_id) REFERENCES title(id)
);

CREATE UNIQUE INDEX uq_episode_number ON public.episode USING btree (title_id, number);

create table idempotency (
    principal text not null,
    command text not null,
    request_id uuid not null,
    request_hash bytea not null,
    output text not null,
    create_time timestamp with time zone not null,
    constraint idempotency_pkey PRIMARY KEY (principal, command, request_id)
);

CREATE INDEX ix_idempotency_create_time ON public.idempotency USING btree (create_time);

create table job_run (
    job text not null,
    scheduled_time timestamp with time zone not null,
    start_time timestamp with time zone not null,
    done_time timestamp with time zone,
    constraint job_run_pkey PRIMARY KEY (job, scheduled_time)
);

create table journal (
    id uuid not null,
    kind text not null,
    ref_id uuid not null,
    order_id uuid,
    create_time timestamp with time zone not null,
    constraint journal_pkey PRIMARY KEY (id),
    constraint journal_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id)
);

CREATE INDEX ix_journal_order ON public.journal USING btree (order_id) WHERE (order_id IS NOT NULL);

CREATE UNIQUE INDEX uq_journal_ref ON public.journal USING btree (kind, ref_id);

create table lease (
    name text not null,
    holder text not null,
    expire_time timestamp with time zone not null,
    constraint lease_pkey PRIMARY KEY (name)
);

create table ledger_entry (
    id uuid not null,
    journal_id uuid not null,
    account text not null,
    currency text not null,
    amount_minor bigint not null,
    balance_after_minor bigint,
    constraint ledger_entry_pkey PRIMARY KEY (id),
    constraint ledger_entry_journal_id_fkey FOREIGN KEY (journal_id) REFERENCES journal(id),
    constraint ledger_entry_amount_minor_check CHECK ((amount_minor <> 0))
);

CREATE INDEX ix_ledger_entry_account ON public.ledger_entry USING btree (account, id DESC);

CREATE INDEX ix_ledger_entry_journal ON public.ledger_entry USING btree (journal_id);

create table media (
    hash text not null,
    content_type text not null,
    size_bytes bigint not null,
    width bigint not null,
    height bigint not null,
    create_time timestamp with time zone not null,
    constraint media_pkey PRIMARY KEY (hash)
);

create table media_file (
    hash text not null,
    bot_id bigint not null,
    file_id text not null,
    constraint media_file_pkey PRIMARY KEY (hash, bot_id),
    constraint media_file_hash_fkey FOREIGN KEY (hash) REFERENCES media(hash)
);

create table membership (
    user_id uuid not null,
    expire_time timestamp with time zone not null,
    update_time timestamp with time zone not null,
    constraint membership_pkey PRIMARY KEY (user_id),
    constraint membership_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);

create table order_line (
    id uuid not null,
    order_id uuid not null,
    number bigint not null,
    product_id uuid,
    product_name text not null,
    kind text not null,
    quantity bigint not null,
    unit_price_minor bigint not null,
    gross_minor bigint not null,
    discount_minor bigint not null,
    net_minor bigint not null,
    refunded_minor bigint not null,
    membership_days bigint not null,
    goods_cipher bytea,
    constraint order_line_pkey PRIMARY KEY (id),
    constraint order_line_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id),
    constraint order_line_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id)
);

CREATE UNIQUE INDEX uq_order_line_number ON public.order_line USING btree (order_id, number);

create table orders (
    id uuid not null,
    code text not null,
    buyer_id uuid not null,
    receiver_id uuid,
    api_key_id uuid,
    state text not null,
    currency text not null,
    subtotal_minor bigint not null,
    discount_minor bigint not null,
    due_minor bigint not null,
    paid_minor bigint not null,
    refunded_minor bigint not null,
    rule_version text not null,
    gateways text,
    expire_time timestamp with time zone not null,
    hold_reason text,
    paid_time timestamp with time zone,
    end_time timestamp with time zone,
    version bigint not null,
    create_time timestamp with time zone not null,
    constraint orders_code_key UNIQUE (code),
    constraint orders_pkey PRIMARY KEY (id),
    constraint orders_api_key_id_fkey FOREIGN KEY (api_key_id) REFERENCES api_key(id),
    constraint orders_buyer_id_fkey FOREIGN KEY (buyer_id) REFERENCES users(id),
    constraint orders_receiver_id_fkey FOREIGN KEY (receiver_id) REFERENCES users(id)
);

CREATE INDEX ix_orders_api_key ON public.orders USING btree (api_key_id, id DESC) WHERE (api_key_id IS NOT NULL);

CREATE INDEX ix_orders_buyer ON public.orders USING btree (buyer_id, id DESC);

CREATE INDEX ix_orders_due ON public.orders USING btree (expire_time) WHERE (state = 'PENDING'::text);

CREATE INDEX ix_orders_state ON public.orders USING btree (state, id DESC);

CREATE INDEX ix_orders_unpaid ON public.orders USING btree (buyer_id, api_key_id) WHERE (state = 'PENDING'::text);

create table payment (
    id uuid not null,
    order_id uuid not null,
    number bigint not null,
    reference text not null,
    gateway text not null,
    method text not null,
    state text not null,
    currency text not null,
    amount_minor bigint not null,
    fee_minor bigint not null,
    total_minor bigint not null,
    received_minor bigint,
    payload text,
    pay_url text,
    expire_time timestamp with time zone,
    paid_time timestamp with time zone,
    awaits text,
    reversed_minor bigint,
    review_reason text,
    create_time timestamp with time zone not null,
    constraint payment_reference_key UNIQUE (reference),
    constraint payment_pkey PRIMARY KEY (id),
    constraint payment_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id)
);

CREATE INDEX ix_payment_review ON public.payment USING btree (id DESC) WHERE (review_reason IS NOT NULL);

CREATE UNIQUE INDEX uq_payment_number ON public.payment USING btree (order_id, number);

CREATE UNIQUE INDEX uq_payment_open ON public.payment USING btree (order_id) WHERE (state = ANY (ARRAY['CREATING'::text, 'OPEN'::text, 'AWAITING'::text]));

create table pending_action (
    id uuid not null,
    user_id uuid not null,
    title_request_id uuid not null,
    token_hash bytea not null,
    expire_time timestamp with time zone not null,
    redeem_time timestamp with time zone,
    create_time timestamp with time zone not null,
    constraint pending_action_token_hash_key UNIQUE (token_hash),
    constraint pending_action_pkey PRIMARY KEY (id),
    constraint pending_action_title_request_id_fkey FOREIGN KEY (title_request_id) REFERENCES title_request(id),
    constraint pending_action_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);

CREATE INDEX ix_pending_action_user ON public.pending_action USING btree (user_id, id DESC) WHERE (redeem_time IS NULL);

CREATE UNIQUE INDEX uq_pending_action_open ON public.pending_action USING btree (title_request_id) WHERE (redeem_time IS NULL);

create table product (
    id uuid not null,
    code text not null,
    name text not null,
    description text not null,
    category_id uuid,
    kind text not null,
    currency text not null,
    price_minor bigint not null,
    picture_hash text,
    membership_days bigint not null,
    shared_cipher bytea,
    gateways text,
    archived boolean not null,
    create_time timestamp with time zone not null,
    update_time timestamp with time zone not null,
    constraint product_code_key UNIQUE (code),
    constraint product_pkey PRIMARY KEY (id),
    constraint product_category_id_fkey FOREIGN KEY (category_id) REFERENCES category(id),
    constraint product_picture_hash_fkey FOREIGN KEY (picture_hash) REFERENCES media(hash)
);

CREATE INDEX ix_product_shown ON public.product USING btree (id DESC) WHERE (NOT archived);

CREATE INDEX ix_product_shown_category ON public.product USING btree (category_id, id DESC) WHERE (NOT archived);

CREATE INDEX ix_product_shown_kind ON public.product USING btree (kind, id DESC) WHERE (NOT archived);

create table product_stock (
    product_id uuid not null,
    available bigint not null,
    reserved bigint not null,
    sold bigint not null,
    constraint product_stock_pkey PRIMARY KEY (product_id),
    constraint product_stock_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id),
    constraint product_stock_available_check CHECK ((available >= 0)),
    constraint product_stock_reserved_check CHECK ((reserved >= 0)),
    constraint product_stock_sold_check CHECK ((sold >= 0))
);

create table question (
    id uuid not null,
    payment_id uuid not null,
    gateway text not null,
    amount_minor bigint not null,
    is_own boolean not null,
    is_reversal boolean not null,
    state text not null,
    due_time timestamp with time zone,
    lease_time timestamp with time zone,
    told_time timestamp with time zone,
    rest_time timestamp with time zone,
    create_time timestamp with time zone not null,
    constraint question_pkey PRIMARY KEY (id),
    constraint question_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payment(id)
);

CREATE INDEX ix_question_due ON public.question USING btree (due_time) WHERE (due_time IS NOT NULL);

CREATE INDEX ix_question_lease ON public.question USING btree (lease_time) WHERE (lease_time IS NOT NULL);

CREATE INDEX ix_question_rest ON public.question USING btree (rest_time) WHERE (rest_time IS NOT NULL);

CREATE UNIQUE INDEX uq_question ON public.question USING btree (payment_id, amount_minor);

create table refund (
    id uuid not null,
    order_id uuid not null,
    payment_id uuid,
    destination text not null,
    currency text not null,
    amount_minor bigint not null,
    state text not null,
    reason text not null,
    actor text not null,
    create_time timestamp with time zone not null,
    done_time timestamp with time zone,
    constraint refund_pkey PRIMARY KEY (id),
    constraint refund_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id),
    constraint refund_payment_id_fkey FOREIGN KEY (payment_id) REFERENCES payment(id)
);

CREATE INDEX ix_refund_order ON public.refund USING btree (order_id);

CREATE INDEX ix_refund_pending ON public.refund USING btree (id) WHERE (state = 'PENDING'::text);

create table refund_line (
    refund_id uuid not null,
    order_line_id uuid not null,
    amount_minor bigint not null,
    constraint refund_line_pkey PRIMARY KEY (refund_id, order_line_id),
    constraint refund_line_order_line_id_fkey FOREIGN KEY (order_line_id) REFERENCES order_line(id),
    constraint refund_line_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES refund(id)
);

create table reveal (
    id uuid not null,
    order_line_id uuid not null,
    actor text not null,
    delivery_id uuid,
    create_time timestamp with time zone not null,
    constraint reveal_pkey PRIMARY KEY (id),
    constraint reveal_order_line_id_fkey FOREIGN KEY (order_line_id) REFERENCES order_line(id)
);

CREATE INDEX ix_reveal_order_line ON public.reveal USING btree (order_line_id);

create table seaql_migrations (
    version character varying not null,
    applied_at bigint not null,
    constraint seaql_migrations_pkey PRIMARY KEY (version)
);

create table search_document (
    id bigint not null generated by default as identity,
    area text not null,
    ref_id uuid not null,
    words text not null,
    tokens tsvector not null generated always as (array_to_tsvector(string_to_array(words, ' '::text))) stored,
    constraint search_document_pkey PRIMARY KEY (id)
);

CREATE INDEX ix_search_document_newest ON public.search_document USING btree (area, ((id + 0)) DESC);

CREATE INDEX ix_search_document_tokens ON public.search_document USING gin (tokens) WITH (fastupdate=off);

CREATE UNIQUE INDEX uq_search_document_ref ON public.search_document USING btree (area, ref_id);

create table secret_check (
    id bigint not null,
    sealed bytea not null,
    create_time timestamp with time zone not null,
    constraint secret_check_pkey PRIMARY KEY (id)
);

create table setting (
    key text not null,
    value text not null,
    updated_by text not null,
    update_time timestamp with time zone not null,
    constraint setting_pkey PRIMARY KEY (key)
);

create table standing (
    telegram_id bigint not null,
    state text not null,
    rights text not null,
    reason text not null,
    changed_by text not null,
    change_time timestamp with time zone not null,
    constraint standing_pkey PRIMARY KEY (telegram_id)
);

CREATE INDEX ix_standing_blocked ON public.standing USING btree (telegram_id) WHERE (state = 'BLOCKED'::text);

create table standing_version (
    id bigint not null,
    version bigint not null,
    constraint standing_version_pkey PRIMARY KEY (id)
);

create table stock_line (
    id uuid not null,
    product_id uuid not null,
    cipher bytea not null,
    fingerprint bytea not null,
    state text not null,
    order_line_id uuid,
    create_time timestamp with time zone not null,
    sold_time timestamp with time zone,
    constraint stock_line_pkey PRIMARY KEY (id),
    constraint stock_line_product_id_fkey FOREIGN KEY (product_id) REFERENCES product(id)
);

CREATE INDEX ix_stock_line_available ON public.stock_line USING btree (product_id, id) WHERE (state = 'AVAILABLE'::text);

CREATE INDEX ix_stock_line_order_line ON public.stock_line USING btree (order_line_id) WHERE (order_line_id IS NOT NULL);

CREATE UNIQUE INDEX uq_stock_line_fingerprint ON public.stock_line USING btree (product_id, fingerprint);

create table title (
    id uuid not null,
    code text not null,
    name text not null,
    synopsis text not null,
    category_id uuid,
    poster_hash text,
    release_year bigint not null,
    hidden boolean not null,
    episode_count bigint not null,
    free_episode_count bigint not null,
    create_time timestamp with time zone not null,
    update_time timestamp with time zone not null,
    constraint title_code_key UNIQUE (code),
    constraint title_pkey PRIMARY KEY (id),
    constraint title_category_id_fkey FOREIGN KEY (category_id) REFERENCES category(id),
    constraint title_poster_hash_fkey FOREIGN KEY (poster_hash) REFERENCES media(hash)
);

CREATE INDEX ix_title_shown ON public.title USING btree (id DESC) WHERE (NOT hidden);

CREATE INDEX ix_title_shown_category ON public.title USING btree (category_id, id DESC) WHERE (NOT hidden);

create table title_request (
    id uuid not null,
    user_id uuid not null,
    episode_id uuid not null,
    state text not null,
    pending_action_id uuid,
    create_time timestamp with time zone not null,
    update_time timestamp with time zone not null,
    constraint title_request_pkey PRIMARY KEY (id),
    constraint title_request_episode_id_fkey FOREIGN KEY (episode_id) REFERENCES episode(id),
    constraint title_request_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id)
);

CREATE INDEX ix_title_request_recent ON public.title_request USING btree (user_id, episode_id, id DESC);

create table users (
    id uuid not null,
    telegram_id bigint not null,
    first_name text not null,
    last_name text not null,
    username text not null,
    language_code text not null,
    language_chosen boolean not null,
    contact_state text not null,
    create_time timestamp with time zone not null,
    update_time timestamp with time zone not null,
    opened_time timestamp with time zone,
    constraint users_telegram_id_key UNIQUE (telegram_id),
    constraint users_pkey PRIMARY KEY (id)
);

create table wallet (
    user_id uuid not null,
    balance_minor bigint not null,
    receivable_minor bigint not null,
    update_time timestamp with time zone not null,
    constraint wallet_pkey PRIMARY KEY (user_id),
    constraint wallet_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id),
    constraint wallet_balance_minor_check CHECK ((balance_minor >= 0)),
    constraint wallet_receivable_minor_check CHECK ((receivable_minor >= 0))
);

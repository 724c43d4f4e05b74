"""The same server as `fastapi_peer`, as somebody writes it who wants it fast: aiohttp, asyncpg, uvloop and SQL by hand.

`python aiohttp_peer.py PORT` listens with a process for each core. The tables are those that `fastapi_peer` makes.
"""

import asyncio
import hashlib
import hmac
import json
import os
import signal
import sys
import time
from datetime import datetime, timezone
from urllib.parse import parse_qsl

import aiohttp
import asyncpg
import uvloop
from aiohttp import web

PROCESSES = 2
BOT_TOKEN = os.environ["BOT_TOKEN"]
SEND_PHOTO = f"{os.environ['TELEGRAM_API_URL']}/bot{BOT_TOKEN}/sendPhoto"
DATABASE_URL = os.environ["DATABASE_URL"].replace("postgresql+psycopg2://", "postgresql://")
TRANSACTION_DETAIL = f"{os.environ['GATEWAY_URL']}/api/transactiondetail"
PROJECT = os.environ["GATEWAY_PROJECT"]
INIT_DATA_KEY = hmac.new(b"WebAppData", BOT_TOKEN.encode(), hashlib.sha256).digest()
INIT_DATA_MAX_AGE = 86_400

POOL = web.AppKey("pool", asyncpg.Pool)
# For the Bot API and the gateway.
CLIENT = web.AppKey("client", aiohttp.ClientSession)
routes = web.RouteTableDef()


def verified_user(init_data: str) -> dict:
    fields = dict(parse_qsl(init_data, keep_blank_values=True))
    claimed = fields.pop("hash", "")
    message = "\n".join(f"{key}={value}" for key, value in sorted(fields.items()))
    expected = hmac.new(INIT_DATA_KEY, message.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(claimed, expected) or time.time() - int(fields["auth_date"]) > INIT_DATA_MAX_AGE:
        raise web.HTTPUnauthorized()
    return json.loads(fields["user"])


@routes.get("/healthz")
async def health(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


@routes.get("/api/v1/store")
async def store(_: web.Request) -> web.Response:
    return web.json_response({"name": "Warung", "language": "id", "currency": "IDR"})


@routes.post("/api/v1/sessions")
async def create_session(request: web.Request) -> web.Response:
    user_id = verified_user((await request.json())["init_data"])["id"]
    if await request.app[POOL].fetchval("select telegram_id from users where telegram_id = $1", user_id) is None:
        raise web.HTTPNotFound()
    claims = f"{user_id}.{int(time.time()) + 3_600}"
    signature = hmac.new(INIT_DATA_KEY, claims.encode(), hashlib.sha256).hexdigest()
    return web.json_response({"status": "created", "token": f"{claims}.{signature}"})


@routes.get("/api/v1/movies")
async def list_movies(request: web.Request) -> web.Response:
    limit = min(int(request.query.get("limit", 20)), 100)
    rows = await request.app[POOL].fetch(
        "select id, title, synopsis, poster_url, year from movies order by id desc limit $1", limit
    )
    return web.json_response({"movies": [dict(row) for row in rows]})


@routes.post("/api/v1/handle_movie_request")
async def handle_movie_request(request: web.Request) -> web.Response:
    data = await request.json()
    chat_id = data["chat_id"]
    if verified_user(data["init_data"])["id"] != chat_id:
        raise web.HTTPForbidden()
    now = datetime.now(timezone.utc)
    pool = request.app[POOL]
    vip_until = await pool.fetchval("select vip_until from users where telegram_id = $1", chat_id)
    if vip_until is None or vip_until <= now:
        return web.json_response({"status": "vip_required"})
    movie = await pool.fetchrow("select id, title, poster_url from movies where id = $1", data["movie_id"])
    if movie is None:
        raise web.HTTPNotFound()
    button = {"inline_keyboard": [[{"text": "Tonton Sekarang", "callback_data": f"watch:{movie['id']}"}]]}
    message = {"chat_id": chat_id, "photo": movie["poster_url"], "caption": movie["title"], "reply_markup": button}
    async with request.app[CLIENT].post(SEND_PHOTO, json=message) as answer:
        if answer.status != 200:
            raise web.HTTPBadGateway()
        message_id = (await answer.json())["result"]["message_id"]
    await pool.execute(
        "insert into activity_logs (telegram_id, movie_id, action, message_id, created_at) values ($1, $2, $3, $4, $5)",
        chat_id, movie["id"], "movie_sent", message_id, now,
    )
    return web.json_response({"status": "sent"})


@routes.post("/api/v1/orders")
async def place_order(request: web.Request) -> web.Response:
    data = await request.json()
    now = datetime.now(timezone.utc)
    async with request.app[POOL].acquire() as connection, connection.transaction():
        price = await connection.fetchval("select price from products where id = $1", data["product_id"])
        if price is None:
            raise web.HTTPNotFound()
        total = price * data["quantity"]
        order_id = await connection.fetchval(
            "insert into orders (request_id, telegram_id, product_id, quantity, total, status, created_at) "
            "values ($1, $2, $3, $4, $5, 'pending', $6) returning id",
            data["request_id"], data["telegram_id"], data["product_id"], data["quantity"], total, now,
        )
        await connection.execute(
            "insert into outbox (order_id, event, created_at) values ($1, 'order_placed', $2)", order_id, now
        )
        # Last, so that the hottest row is locked for the shortest time.
        taken = await connection.execute(
            "update products set stock = stock - $2 where id = $1 and stock >= $2", data["product_id"], data["quantity"]
        )
        if taken != "UPDATE 1":
            raise web.HTTPConflict()
    return web.json_response({"order_id": order_id, "status": "pending", "total": total})


@routes.get("/api/v1/orders/{order_id}")
async def read_order(request: web.Request) -> web.Response:
    user_id = verified_user(request.headers["x-init-data"])["id"]
    async with request.app[POOL].acquire() as connection:
        order = await connection.fetchrow(
            "select o.id, o.status, o.total, o.created_at, o.quantity, p.id as product_id, p.name, p.price "
            "from orders o join products p on p.id = o.product_id where o.id = $1 and o.telegram_id = $2",
            int(request.match_info["order_id"]), user_id,
        )
        if order is None:
            raise web.HTTPNotFound()
        payments = await connection.fetch(
            "select reference, amount, status, paid_at from payments where order_id = $1 order by id", order["id"]
        )
    return web.json_response({
        "order_id": order["id"],
        "status": order["status"],
        "total": order["total"],
        "created_at": order["created_at"].isoformat(),
        "lines": [{key: order[key] for key in ("product_id", "name", "price", "quantity")}],
        "payments": [
            {**payment, "paid_at": payment["paid_at"] and payment["paid_at"].isoformat()} for payment in payments
        ],
    })


@routes.post("/webhooks/pakasir")
async def settle(request: web.Request) -> web.Response:
    data = await request.json()
    pool = request.app[POOL]
    payment = await pool.fetchrow("select id, amount, status from payments where reference = $1", data["order_id"])
    if payment is None:
        raise web.HTTPNotFound()
    if payment["status"] == "paid":
        return web.json_response({"status": "repeated"})
    # Asked about our amount, whatever was posted.
    query = {"project": PROJECT, "order_id": data["order_id"], "amount": payment["amount"], "api_key": "bench"}
    async with request.app[CLIENT].get(TRANSACTION_DETAIL, params=query) as answer:
        if answer.status != 200:
            raise web.HTTPServiceUnavailable()
        transaction = (await answer.json())["transaction"]
    if transaction["status"] != "completed" or transaction["amount"] != payment["amount"]:
        return web.json_response({"status": "not_confirmed"})
    now = datetime.now(timezone.utc)
    async with pool.acquire() as connection, connection.transaction():
        # Of a hundred at once, one finds it unpaid.
        order_id = await connection.fetchval(
            "update payments set status = 'paid', paid_at = $2 where id = $1 and status = 'pending' returning order_id",
            payment["id"], now,
        )
        if order_id is None:
            return web.json_response({"status": "repeated"})
        order = await connection.fetchrow(
            "update orders set status = 'completed' where id = $1 returning telegram_id, product_id, quantity", order_id
        )
        items = await connection.fetch(
            "update stock_items set order_id = $1 where id in (select id from stock_items where product_id = $2 "
            "and order_id is null order by id limit $3 for update skip locked) returning content",
            order_id, order["product_id"], order["quantity"],
        )
        if len(items) != order["quantity"]:
            raise web.HTTPConflict()
        await connection.execute(
            "insert into deliveries (order_id, chat_id, text, status, created_at) values ($1, $2, $3, 'pending', $4)",
            order_id, order["telegram_id"], "\n".join(item["content"] for item in items), now,
        )
    return web.json_response({"status": "settled"})


async def open_connections(app: web.Application):
    async with (
        asyncpg.create_pool(DATABASE_URL, min_size=10, max_size=10) as pool,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as client,
    ):
        app[POOL], app[CLIENT] = pool, client
        yield


def serve(port: int) -> None:
    app = web.Application()
    app.add_routes(routes)
    app.cleanup_ctx.append(open_connections)
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    web.run_app(app, host="127.0.0.1", port=port, reuse_port=True, access_log=None, print=None)


def main() -> None:
    children = []
    for _ in range(PROCESSES):
        child = os.fork()
        if child == 0:
            serve(int(sys.argv[1]))
            return
        children.append(child)
    signal.signal(signal.SIGTERM, lambda *_: [os.kill(child, signal.SIGTERM) for child in children])
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()

"""A small film bot's and shop's server as such servers are commonly written: FastAPI, SQLAlchemy and psycopg2.

The benchmark runs it beside Warung in the same rounds, on the same machine and PostgreSQL, so that "so many times as
fast" is measured and not remembered. It does the least that the job needs, and in its faster form: plain functions on
worker threads (`async` ones that wait for the database stop the whole loop), pooled connections to the database and to
the Bot API and the gateway, one commit for a request. It has no rate limits, no outbox worker, no books, no encrypted
goods and no refusals of Telegram. A webhook is believed only when the gateway says the same, and settles once however
often it comes.
"""

import hashlib
import hmac
import json
import os
import time
from datetime import datetime, timezone
from urllib.parse import parse_qsl

import requests
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel
from requests.adapters import HTTPAdapter
from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, String, Text, create_engine, select, text, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

BOT_TOKEN = os.environ["BOT_TOKEN"]
SEND_PHOTO = f"{os.environ['TELEGRAM_API_URL']}/bot{BOT_TOKEN}/sendPhoto"
TRANSACTION_DETAIL = f"{os.environ['GATEWAY_URL']}/api/transactiondetail"
PROJECT = os.environ["GATEWAY_PROJECT"]
INIT_DATA_KEY = hmac.new(b"WebAppData", BOT_TOKEN.encode(), hashlib.sha256).digest()
INIT_DATA_MAX_AGE = 86_400

engine = create_engine(os.environ["DATABASE_URL"], pool_size=4, max_overflow=8, pool_pre_ping=True)
new_session = sessionmaker(engine, expire_on_commit=False)
telegram, gateway = requests.Session(), requests.Session()
for client in (telegram, gateway):
    client.mount("http://", HTTPAdapter(pool_connections=1, pool_maxsize=40))
app = FastAPI()


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    telegram_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    vip_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Movie(Base):
    __tablename__ = "movies"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    title: Mapped[str] = mapped_column(String(128))
    synopsis: Mapped[str] = mapped_column(Text)
    poster_url: Mapped[str] = mapped_column(Text)
    year: Mapped[int]


class ActivityLog(Base):
    __tablename__ = "activity_logs"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    telegram_id: Mapped[int] = mapped_column(BigInteger, index=True)
    movie_id: Mapped[int] = mapped_column(ForeignKey("movies.id"))
    action: Mapped[str] = mapped_column(String(32))
    message_id: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Product(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(String(128))
    price: Mapped[int] = mapped_column(BigInteger)
    stock: Mapped[int] = mapped_column(BigInteger)


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    request_id: Mapped[str] = mapped_column(String(64), unique=True)
    telegram_id: Mapped[int] = mapped_column(BigInteger, index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[int]
    total: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Outbox(Base):
    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    event: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Payment(Base):
    __tablename__ = "payments"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    reference: Mapped[str] = mapped_column(String(64), unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(16))
    paid_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class StockItem(Base):
    __tablename__ = "stock_items"
    # Only what is free is looked for.
    __table_args__ = (Index("ix_stock_items_free", "product_id", "id", postgresql_where=text("order_id is null")),)
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    content: Mapped[str] = mapped_column(Text)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))


class Delivery(Base):
    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), unique=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class MovieRequest(BaseModel):
    chat_id: int
    movie_id: int
    title: str
    poster_url: str
    init_data: str


class OrderRequest(BaseModel):
    request_id: str
    telegram_id: int
    product_id: int
    quantity: int


class SessionRequest(BaseModel):
    init_data: str


class Webhook(BaseModel):
    order_id: str
    amount: int
    project: str
    status: str


def session():
    with new_session() as open_session:
        yield open_session


def verified_user(init_data: str) -> dict:
    fields = dict(parse_qsl(init_data, keep_blank_values=True))
    claimed = fields.pop("hash", "")
    message = "\n".join(f"{key}={value}" for key, value in sorted(fields.items()))
    expected = hmac.new(INIT_DATA_KEY, message.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(claimed, expected) or time.time() - int(fields["auth_date"]) > INIT_DATA_MAX_AGE:
        raise HTTPException(401, "invalid init_data")
    return json.loads(fields["user"])


@app.get("/healthz")
def health():
    return {"status": "ok"}


@app.get("/api/v1/store")
def store():
    return {"name": "Warung", "language": "id", "currency": "IDR"}


@app.post("/api/v1/sessions")
def create_session(data: SessionRequest, db: Session = Depends(session)):
    user = db.get(User, verified_user(data.init_data)["id"])
    if user is None:
        raise HTTPException(404, "no such user")
    claims = f"{user.telegram_id}.{int(time.time()) + 3_600}"
    signature = hmac.new(INIT_DATA_KEY, claims.encode(), hashlib.sha256).hexdigest()
    return {"status": "created", "token": f"{claims}.{signature}"}


@app.get("/api/v1/movies")
def list_movies(limit: int = 20, db: Session = Depends(session)):
    movies = db.scalars(select(Movie).order_by(Movie.id.desc()).limit(min(limit, 100))).all()
    return {
        "movies": [
            {"id": movie.id, "title": movie.title, "synopsis": movie.synopsis, "poster_url": movie.poster_url, "year": movie.year}
            for movie in movies
        ]
    }


@app.post("/api/v1/handle_movie_request")
def handle_movie_request(data: MovieRequest, db: Session = Depends(session)):
    if verified_user(data.init_data)["id"] != data.chat_id:
        raise HTTPException(403, "another user's chat")
    now = datetime.now(timezone.utc)
    user = db.get(User, data.chat_id)
    if user is None or user.vip_until <= now:
        return {"status": "vip_required"}
    movie = db.get(Movie, data.movie_id)
    if movie is None:
        raise HTTPException(404, "no such movie")
    button = {"inline_keyboard": [[{"text": "Tonton Sekarang", "callback_data": f"watch:{movie.id}"}]]}
    answer = telegram.post(
        SEND_PHOTO,
        json={"chat_id": data.chat_id, "photo": movie.poster_url, "caption": movie.title, "reply_markup": button},
        timeout=10,
    )
    if answer.status_code != 200:
        raise HTTPException(502, "Telegram refused")
    message_id = answer.json()["result"]["message_id"]
    db.add(ActivityLog(telegram_id=user.telegram_id, movie_id=movie.id, action="movie_sent", message_id=message_id, created_at=now))
    db.commit()
    return {"status": "sent"}


@app.post("/api/v1/orders")
def place_order(data: OrderRequest, db: Session = Depends(session)):
    product = db.get(Product, data.product_id)
    if product is None:
        raise HTTPException(404, "no such product")
    now = datetime.now(timezone.utc)
    order = Order(
        request_id=data.request_id,
        telegram_id=data.telegram_id,
        product_id=product.id,
        quantity=data.quantity,
        total=product.price * data.quantity,
        status="pending",
        created_at=now,
    )
    db.add(order)
    db.flush()
    db.add(Outbox(order_id=order.id, event="order_placed", created_at=now))
    db.flush()
    # Last, so that the hottest row is locked for the shortest time.
    taken = db.execute(
        update(Product)
        .where(Product.id == product.id, Product.stock >= data.quantity)
        .values(stock=Product.stock - data.quantity)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:
        raise HTTPException(409, "out of stock")
    db.commit()
    return {"order_id": order.id, "status": order.status, "total": order.total}


@app.get("/api/v1/orders/{order_id}")
def read_order(order_id: int, x_init_data: str = Header(), db: Session = Depends(session)):
    order = db.get(Order, order_id)
    if order is None or order.telegram_id != verified_user(x_init_data)["id"]:
        raise HTTPException(404, "no such order")
    product = db.get(Product, order.product_id)
    payments = db.scalars(select(Payment).where(Payment.order_id == order.id).order_by(Payment.id)).all()
    return {
        "order_id": order.id,
        "status": order.status,
        "total": order.total,
        "created_at": order.created_at,
        "lines": [{"product_id": product.id, "name": product.name, "price": product.price, "quantity": order.quantity}],
        "payments": [
            {"reference": payment.reference, "amount": payment.amount, "status": payment.status, "paid_at": payment.paid_at}
            for payment in payments
        ],
    }


@app.post("/webhooks/pakasir")
def settle(data: Webhook, db: Session = Depends(session)):
    payment = db.scalar(select(Payment).where(Payment.reference == data.order_id))
    if payment is None:
        raise HTTPException(404, "no such payment")
    if payment.status == "paid":
        return {"status": "repeated"}
    # No connection is held while the gateway is asked, and it is asked about our amount.
    db.commit()
    query = {"project": PROJECT, "order_id": payment.reference, "amount": payment.amount, "api_key": "bench"}
    answer = gateway.get(TRANSACTION_DETAIL, params=query, timeout=10)
    if answer.status_code != 200:
        raise HTTPException(503, "the gateway does not answer")
    transaction = answer.json()["transaction"]
    if transaction["status"] != "completed" or transaction["amount"] != payment.amount:
        return {"status": "not_confirmed"}
    now = datetime.now(timezone.utc)
    payment = db.get(Payment, payment.id, with_for_update=True, populate_existing=True)
    if payment.status == "paid":
        return {"status": "repeated"}
    order = db.get(Order, payment.order_id)
    free = select(StockItem).where(StockItem.product_id == order.product_id, StockItem.order_id.is_(None))
    items = db.scalars(free.order_by(StockItem.id).limit(order.quantity).with_for_update(skip_locked=True)).all()
    if len(items) != order.quantity:
        raise HTTPException(409, "out of stock")
    payment.status, payment.paid_at, order.status = "paid", now, "completed"
    for item in items:
        item.order_id = order.id
    goods = "\n".join(item.content for item in items)
    db.add(Delivery(order_id=order.id, chat_id=order.telegram_id, text=goods, status="pending", created_at=now))
    db.commit()
    return {"status": "settled"}


if __name__ == "__main__":
    Base.metadata.create_all(engine)

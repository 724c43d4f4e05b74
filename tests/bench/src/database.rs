//! The databases that a server runs on.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use crate::{
    Failure,
    fill::{self, Content},
    goods_rows::GoodsRows,
    plan::Kind,
    postgres::{Cluster, PgBench},
};

/// Where databases of one kind are made.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// Files in this folder.
    Sqlite(PathBuf),
    /// Databases of this cluster.
    Postgres(Arc<Cluster>),
}

/// One database.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    place: Place,
    name: String,
}

impl Place {
    pub(crate) async fn new(kind: Kind, folder: &Path, statements: bool) -> Result<Self, Failure> {
        let folder = folder.join(kind.name());
        std::fs::create_dir(&folder)?;
        Ok(match kind {
            Kind::Sqlite => Self::Sqlite(folder),
            Kind::Postgres => Self::Postgres(Arc::new(Cluster::start(&folder, statements).await?)),
        })
    }

    /// Makes an empty database.
    pub(crate) async fn create(&self, name: &str) -> Result<Database, Failure> {
        if let Self::Postgres(cluster) = self {
            cluster.psql("postgres", &format!("create database {name}")).await?;
        }
        Ok(Database { place: self.clone(), name: name.to_owned() })
    }

    /// Its kind's name and version.
    pub(crate) async fn version(&self) -> Result<String, Failure> {
        Ok(match self {
            Self::Sqlite(_) => format!("SQLite {}", rusqlite::version()),
            Self::Postgres(cluster) => format!("PostgreSQL {}", cluster.version().await?),
        })
    }

    /// The processor time of the database's own processes.
    pub(crate) fn processor_time(&self) -> Duration {
        match self {
            Self::Sqlite(_) => Duration::ZERO,
            Self::Postgres(cluster) => cluster.processor_time(),
        }
    }

    pub(crate) async fn pgbench(&self, time: Duration) -> Result<Option<PgBench>, Failure> {
        match self {
            Self::Sqlite(_) => Ok(None),
            Self::Postgres(cluster) => cluster.pgbench(time).await.map(Some),
        }
    }
}

impl Database {
    /// Its address, for the server.
    pub(crate) fn url(&self) -> String {
        match &self.place {
            Place::Sqlite(_) => format!("sqlite://{}", self.path().display()),
            Place::Postgres(cluster) => cluster.url(&self.name),
        }
    }

    fn path(&self) -> PathBuf {
        match &self.place {
            Place::Sqlite(folder) => folder.join(format!("{}.db", self.name)),
            Place::Postgres(_) => PathBuf::new(),
        }
    }

    /// Looks at the delivery rows of goods.
    pub(crate) async fn goods_rows(&self) -> Result<GoodsRows, Failure> {
        match &self.place {
            Place::Sqlite(_) => GoodsRows::sqlite(&self.path()),
            Place::Postgres(cluster) => Ok(GoodsRows::Postgres(Box::new(cluster.session(&self.name).await?))),
        }
    }

    /// Lets it count what its tables hold, where it plans by that.
    pub(crate) async fn analyze(&self) -> Result<(), Failure> {
        match &self.place {
            Place::Sqlite(_) => Ok(()),
            Place::Postgres(cluster) => cluster.psql(&self.name, "analyze").await.map(drop),
        }
    }

    /// Puts rows into it. No server has it open.
    pub(crate) async fn fill(&self, content: Content<'_>) -> Result<(), Failure> {
        match &self.place {
            Place::Sqlite(_) => {
                let (path, sql) = (self.path(), fill::sqlite(content));
                let filled = tokio::task::spawn_blocking(move || rusqlite::Connection::open(path)?.execute_batch(&sql));
                filled.await??;
            }
            Place::Postgres(cluster) => {
                cluster.psql(&self.name, &fill::postgres(content)).await?;
            }
        }
        Ok(())
    }
}

//! `warung.operations.v1.OperationsService`.

use std::{sync::Arc, time::Duration};

use tonic::{Request, Response, Status};
use warung_app::{
    Error, PageRequest, Result,
    operations::{
        alert::RaiseAlert,
        audit::{AuditEntry, ListAuditEntries},
        put::Etag,
        settings::{ListSettings, SettingValue, UpdateSetting},
    },
};
use warung_domain::settings::{Kind, Label};
use warung_proto::operations::{
    self as pb, AuditBooksRequest, AuditBooksResponse, GetStoreRequest, GetStoreResponse, ListAuditEntriesRequest,
    ListAuditEntriesResponse, ListSettingsRequest, ListSettingsResponse, RaiseAlertRequest, RaiseAlertResponse,
    UpdateSettingRequest, UpdateSettingResponse, operations_service_server::OperationsService, setting,
};

use super::{
    Rpc, answer,
    convert::{int32, timestamp},
    enter,
};
use crate::books;

/// One proof of the books at a time: it reads much of them, and buyers shall not wait. When to ask for another.
const PROOF_TAKES: Duration = Duration::from_secs(10);

#[tonic::async_trait]
impl OperationsService for Rpc {
    async fn get_store(&self, request: Request<GetStoreRequest>) -> Result<Response<GetStoreResponse>, Status> {
        answer(async {
            let (ctx, GetStoreRequest {}) = enter(request)?;
            let environment = &ctx.environment;
            Ok(GetStoreResponse {
                name: environment.store_name.to_string(),
                bot_username: environment.main_bot.username.clone(),
                time_zone: environment.time_zone.name().to_owned(),
            })
        })
        .await
    }

    async fn list_settings(
        &self,
        request: Request<ListSettingsRequest>,
    ) -> Result<Response<ListSettingsResponse>, Status> {
        answer(async {
            let (ctx, ListSettingsRequest {}) = enter(request)?;
            let settings = self.engine.ask(&ctx, ListSettings::default()).await?;
            Ok(ListSettingsResponse { settings: settings.into_iter().map(setting).collect() })
        })
        .await
    }

    async fn update_setting(
        &self,
        request: Request<UpdateSettingRequest>,
    ) -> Result<Response<UpdateSettingResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let UpdateSettingRequest { request_id: _, key, value, etag } = request;
            self.engine.run(&ctx, UpdateSetting { key: key.clone(), value, etag: Etag(etag) }).await?;
            self.engine.refresh_settings().await?;
            let found = self.engine.ask(&ctx, ListSettings { key: Some(key.clone()) }).await?;
            let found = found.into_iter().next().ok_or_else(|| Error::not_found("setting", &key))?;
            Ok(UpdateSettingResponse { setting: Some(setting(found)) })
        })
        .await
    }

    async fn list_audit_entries(
        &self,
        request: Request<ListAuditEntriesRequest>,
    ) -> Result<Response<ListAuditEntriesResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let page = PageRequest { size: request.page_size, token: request.page_token };
            let (entries, next_page_token) = self.engine.ask(&ctx, ListAuditEntries { page }).await?;
            Ok(ListAuditEntriesResponse {
                audit_entries: entries.into_iter().map(audit_entry).collect(),
                next_page_token,
            })
        })
        .await
    }

    async fn audit_books(&self, request: Request<AuditBooksRequest>) -> Result<Response<AuditBooksResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let proof = Arc::clone(&self.proof).try_lock_owned();
            let proof = proof.map_err(|_| Error::Limited { retry_after: PROOF_TAKES })?;
            let engine = self.engine.clone();
            // It goes on when its caller has gone: until then there is no other.
            let proved = tokio::spawn(async move {
                let _alone = proof;
                books::prove(&engine, &ctx, request).await
            });
            proved.await.map_err(|error| Error::Internal(error.to_string()))?
        })
        .await
    }

    async fn raise_alert(&self, request: Request<RaiseAlertRequest>) -> Result<Response<RaiseAlertResponse>, Status> {
        answer(async {
            let (ctx, request) = enter(request)?;
            let RaiseAlertRequest { request_id: _, key, text } = request;
            Ok(RaiseAlertResponse { told: self.engine.run(&ctx, RaiseAlert { key, text }).await? })
        })
        .await
    }
}

fn setting(setting: SettingValue) -> pb::Setting {
    let SettingValue { definition, value, etag } = setting;
    let length = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let (kind, min, max) = match definition.kind {
        Kind::Integer { min, max, .. } => (setting::Kind::Integer, min, max),
        Kind::Decimal { min, max, .. } => (setting::Kind::Decimal, min, max),
        Kind::Switch { .. } => (setting::Kind::Switch, 0, 0),
        Kind::Text { max, .. } => (setting::Kind::Text, 0, length(max)),
        Kind::List { max, .. } => (setting::Kind::List, 0, length(max)),
    };
    let places = if let Kind::Decimal { places, .. } = definition.kind { i64::from(places) } else { 0 };
    let items_max = if let Kind::List { items_max, .. } = definition.kind { length(items_max) } else { 0 };
    let group = definition.group();
    pb::Setting {
        key: definition.key.to_owned(),
        value,
        default_value: definition.kind.default_value().to_string(),
        kind: kind.into(),
        min,
        max,
        description: definition.description.to_owned(),
        owner_only: definition.owner_only,
        label: Some(local(definition.label)),
        group: group.key.to_owned(),
        group_label: Some(local(group.label)),
        places: int32(places),
        items_max: int32(items_max),
        etag: etag.0,
    }
}

fn local(label: Label) -> pb::LocalText {
    pb::LocalText { indonesian: label.indonesian.to_owned(), english: label.english.to_owned() }
}

fn audit_entry(entry: AuditEntry) -> pb::AuditEntry {
    let AuditEntry { id, create_time, actor, command, target, before_json, after_json } = entry;
    pb::AuditEntry {
        audit_entry_id: id.to_string(),
        create_time: Some(timestamp(create_time)),
        actor,
        command,
        target,
        before_json,
        after_json,
    }
}

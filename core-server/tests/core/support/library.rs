//! Films, and asking for them.

use tonic::Status;
use warung_proto::library::{
    EpisodeAccess, EpisodeInput, MessageCopy, PutTitleRequest, PutTitleResponse, RedeemPendingActionsRequest,
    RedeemStartTokenRequest, RequestTitleRequest, TelegramFile, Title, TitleRequest, WatchEpisodeRequest,
    episode_input::Video,
};

use super::{Caller, Shop};

/// A title of this code with these episodes, numbered from 1.
pub(crate) fn title(code: &str, episodes: impl IntoIterator<Item = EpisodeInput>) -> PutTitleRequest {
    let episodes = episodes.into_iter().zip(1..).map(|(episode, number)| EpisodeInput { number, ..episode });
    PutTitleRequest {
        code: code.into(),
        name: format!("Judul {code}"),
        synopsis: "Ringkasan.".into(),
        episodes: episodes.collect(),
        etag: "*".into(),
        ..Default::default()
    }
}

/// An episode for members.
pub(crate) fn episode(video: impl Into<Option<Video>>) -> EpisodeInput {
    EpisodeInput { access: EpisodeAccess::Vip.into(), video: video.into(), duration_seconds: 90, ..Default::default() }
}

/// An episode for everyone.
pub(crate) fn free(video: impl Into<Option<Video>>) -> EpisodeInput {
    EpisodeInput { access: EpisodeAccess::Free.into(), ..episode(video) }
}

/// A file that the main bot has.
pub(crate) fn file() -> Video {
    Video::File(TelegramFile { file_id: "BAACAgUAAx0".into(), bot_id: 0 })
}

/// A message in a private channel.
pub(crate) fn copied() -> Video {
    Video::MessageCopy(MessageCopy { chat_id: -1_001_234, message_id: 77 })
}

/// A video on the web.
pub(crate) fn linked() -> Video {
    Video::Url("https://videos.example/secret/1.mp4".into())
}

impl Shop {
    /// Puts a title into the library.
    pub(crate) async fn put(&self, title: PutTitleRequest) -> Title {
        let message = PutTitleRequest { request_id: self.request_id(), ..title };
        let answer: PutTitleResponse =
            self.library_admin().put_title(Caller::operator().says(message)).await.unwrap().into_inner();
        answer.title.unwrap()
    }

    /// A user asks for the first episode of a title.
    pub(crate) async fn request(&self, caller: &Caller, title: &str) -> Result<TitleRequest, Status> {
        let message =
            RequestTitleRequest { request_id: self.request_id(), title_id: title.into(), ..Default::default() };
        self.request_with(caller, message).await
    }

    /// A user asks for a film.
    pub(crate) async fn request_with(
        &self,
        caller: &Caller,
        message: RequestTitleRequest,
    ) -> Result<TitleRequest, Status> {
        let answer = self.library().request_title(caller.says(message)).await?;
        Ok(answer.into_inner().title_request.unwrap())
    }

    /// A user presses Start with a token.
    pub(crate) async fn redeem(&self, telegram_id: i64, token: &str) -> Result<TitleRequest, Status> {
        let message = RedeemStartTokenRequest { request_id: self.request_id(), token: token.into() };
        let answer = self.library().redeem_start_token(Caller::bot().acting_for(telegram_id).says(message)).await?;
        Ok(answer.into_inner().title_request.unwrap())
    }

    /// A user presses Start without a token. Answers how many films are delivered.
    pub(crate) async fn start(&self, telegram_id: i64) -> Result<i32, Status> {
        let message = RedeemPendingActionsRequest { request_id: self.request_id() };
        let answer = self.library().redeem_pending_actions(Caller::bot().acting_for(telegram_id).says(message)).await?;
        Ok(answer.into_inner().delivered_count)
    }

    /// A user presses "Tonton Sekarang". Answers the delivery's id.
    pub(crate) async fn watch(&self, telegram_id: i64, episode_id: &str) -> Result<String, Status> {
        let message = WatchEpisodeRequest { request_id: self.request_id(), episode_id: episode_id.into() };
        let answer = self.library().watch_episode(Caller::bot().acting_for(telegram_id).says(message)).await?;
        Ok(answer.into_inner().delivery_id)
    }
}

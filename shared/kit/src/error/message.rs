//! What a failure is called in front of people.

use super::{Error, FieldViolation, Refusal};
use crate::text::Text;

/// Names shown in a sentence before "and so on"; the details carry the rest.
const NAMED: usize = 5;

impl Error {
    /// The sentence that a caller reads.
    #[must_use]
    pub fn text(&self) -> Text {
        match self {
            Self::Invalid(violations) => invalid(violations),
            Self::RequestReused => {
                Text::new("The request_id was used before with other content.", "该 request_id 已用于内容不同的请求。")
            }
            Self::NotFound { name } => Text::new(format!("{name} was not found."), format!("未找到 {name}。")),
            Self::AlreadyExists { name } => Text::new(format!("{name} exists already."), format!("{name} 已存在。")),
            Self::Refused(refusals) => refused(refusals),
            Self::WrongState { name, state, attempted, allowed } => wrong_state(name, state, attempted, allowed),
            Self::SettingMissing { setting, rule } => Text::new(
                format!("{rule} needs the setting {setting}, which is missing or not valid at that time."),
                format!("规则 {rule} 需要设置项 {setting}，但该项缺失或在该时间无效。"),
            ),
            Self::EngineerBooked { engineer, start_at, end_at } => Text::new(
                format!("{engineer} is at another visit between {start_at} and {end_at}."),
                format!("{engineer} 在 {start_at} 至 {end_at} 期间已有其他上门任务。"),
            ),
            Self::OrderActive { case } => {
                Text::new(format!("{case} has an active work order already."), format!("{case} 已有进行中的工单。"))
            }
            Self::StockShort { item, place, wanted, on_hand } => Text::new(
                format!("{place} holds {on_hand} of {item}, {wanted} were asked for."),
                format!("{place} 现有 {item} {on_hand}，请求数量为 {wanted}。"),
            ),
            Self::LineExceeded { line, wanted, outstanding } => Text::new(
                format!("{line} has {outstanding} outstanding, not {wanted}."),
                format!("{line} 未归还数量为 {outstanding}，不足 {wanted}。"),
            ),
            Self::Unconfigured { setting } => Text::new(
                format!("The suite runs without the setting {setting}, which this needs; who runs it can set it."),
                format!("系统未配置 {setting}，无法执行此操作，请联系系统运维人员。"),
            ),
            Self::ClockFixed { organization } => Text::new(
                format!(
                    "The clock of {organization} cannot be moved so: only a sandbox has one, and it goes forward only."
                ),
                format!("{organization} 的时钟不能这样调整：只有沙箱组织可以调整时钟，且只能向前。"),
            ),
            Self::Stale { name } => Text::new(
                format!("{name} was changed since it was read; read it again."),
                format!("{name} 在读取后已被修改，请重新读取。"),
            ),
            Self::Unauthenticated { why } => {
                Text::new(format!("The call carries no valid token: {why}."), format!("调用未携带有效令牌：{why}。"))
            }
            Self::PermissionMissing { permission } => Text::new(
                format!("The caller lacks the permission {permission}."),
                format!("调用者缺少权限 {permission}。"),
            ),
            Self::Busy { .. } => {
                Text::new("The service cannot answer now; try again shortly.", "服务暂时无法应答，请稍后重试。")
            }
            Self::Overloaded { .. } => Text::new(
                "The service has too many calls at once; try again shortly.",
                "服务当前请求过多，请稍后重试。",
            ),
            Self::DeadlineExceeded => Text::new("The time for the call ran out.", "调用已超时。"),
            Self::Upstream(status) => Text::from(status.message()),
            Self::Internal(_) => Text::new(
                "The call failed by a fault of the service; the trace id in the details finds it.",
                "服务内部故障导致调用失败，可凭详情中的 trace id 查找原因。",
            ),
        }
    }
}

impl Refusal {
    /// What the rule refuses, and what would lift it.
    #[must_use]
    pub fn text(&self) -> Text {
        if self.lifted_by.is_empty() {
            return self.message.clone();
        }
        let (en, zh) = (self.lifted_by.join("; "), self.lifted_by.join("；"));
        Text::new(format!("{} Lifted by: {en}.", self.message.en), format!("{} 解除条件：{zh}。", self.message.zh))
    }
}

fn invalid(violations: &[FieldViolation]) -> Text {
    if let [only] = violations {
        let (field, description) = (&only.field, &only.description);
        return Text::new(format!("{field}: {}", description.en), format!("{field}：{}", description.zh));
    }
    let (count, fields) = (violations.len(), some_of(violations.iter().map(|violation| violation.field.as_str())));
    Text::new(format!("{count} fields are wrong: {fields}."), format!("{count} 个字段有误：{fields}。"))
}

fn refused(refusals: &[Refusal]) -> Text {
    if let [only] = refusals {
        let (rule, text) = (&only.rule, only.text());
        return Text::new(format!("{rule}: {}", text.en), format!("{rule}：{}", text.zh));
    }
    let rules = some_of(refusals.iter().map(|refusal| refusal.rule.as_str()));
    Text::new(format!("Refused by the rules {rules}."), format!("以下规则不允许此操作：{rules}。"))
}

fn wrong_state(name: &str, state: &str, attempted: &str, allowed: &[String]) -> Text {
    if allowed.is_empty() {
        return Text::new(
            format!("{name} is {state}: {attempted} is no longer possible."),
            format!("{name} 处于 {state} 状态，不能再执行 {attempted}。"),
        );
    }
    let (en, zh) = (allowed.join(" or "), allowed.join("或"));
    Text::new(
        format!("{name} is {state}: {attempted} is possible in {en} only."),
        format!("{name} 处于 {state} 状态：{attempted} 仅可在 {zh} 状态下执行。"),
    )
}

fn some_of<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len() > NAMED;
    let mut text = names.take(NAMED).collect::<Vec<_>>().join(", ");
    if more {
        text.push_str(", …");
    }
    text
}

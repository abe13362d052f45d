# Messages to people. A message has the attributes
#   .sms      at most 70 UTF-16 units with the longest values, and no emoji;
#   .subject  of the mail, without any value that someone typed;
#   .lead     the mail's paragraphs before the code;
#   .rest     those after it.
# A blank line begins a new paragraph.

mail-footer = 此邮件由 Campus 自动发送，请勿回复。

## Verification codes

# What a code is for; $purpose is the word of the API. The first is for an SMS.
purpose-short = { $purpose ->
    [sign_up] 注册
    [sign_in] 登录
    [change_phone] 更换手机号码
    [change_email] 更换邮箱
    [change_password] 修改密码
    [reset_password] 重置密码
    [join_school] 验证学校
    [delete_account] 注销账号
   *[other] 验证身份
}
purpose = { $purpose ->
    [sign_up] 注册
    [sign_in] 登录
    [change_phone] 更换手机号码
    [change_email] 更换电子邮箱
    [change_password] 修改密码
    [reset_password] 重置密码
    [join_school] 验证学校
    [delete_account] 注销账号
   *[other] 验证身份
}

message-verification-code =
    .sms = [Campus] 验证码{ $code }，用于{ purpose-short }，{ $minutes }分钟内有效。请勿告诉他人。
    .subject = [Campus] { purpose }验证码
    .lead = 您正在{ purpose }，请输入以下验证码。
    .rest =
        验证码在{ $minutes }分钟内有效。

        请勿将验证码告诉他人。Campus 不会向您索要验证码。

        如果您没有申请此验证码，请忽略此邮件。

## Security of the account

message-token-reused =
    .sms = [Campus] 登录凭证被重复使用，已将一台设备退出登录。请重新登录。
    .subject = [Campus] 为保护您的账号，已将一台设备退出登录
    .lead = 由于登录凭证被重复使用，您的一台设备已退出登录。可能有人复制了该凭证。
    .rest =
        请在该设备上重新登录。如果您不清楚原因，请修改密码，并结束您不认识的登录。

        您的其他设备仍保持登录状态。

# Why a request was refused: the value is the title, `.detail` says what to do next.
# Message ids are `problem-` and the code with dashes. The only argument is $wait, a length of time.

# Stands in for a code that has no text here.
problem-unknown = 请求未能完成
    .detail = 暂无关于此代码的进一步说明。如需帮助，请告诉我们请求编号。

## The request itself

problem-malformed-json = 无法读取 JSON
    .detail = 请求正文不是可以读取的 JSON。请检查格式后重新发送。
problem-unknown-query-parameter = 未知的查询参数
    .detail = 地址中含有此请求不支持的查询参数。请删除后重试。
problem-validation-failed = 部分内容需要修改
    .detail = 请修改 errors 中列出的内容，然后重新发送。
problem-not-found = 未找到
    .detail = 此地址没有内容，或者您无权查看。请检查地址后重试。
problem-method-not-allowed = 不支持的请求方法
    .detail = 此地址不支持该请求方法。请使用 Allow 标头中列出的方法。
problem-payload-too-large = 请求过大
    .detail = 请求超出了此地址可以接收的大小。请减少内容或分批发送。
problem-unsupported-media-type = 不支持的内容类型
    .detail = 请使用此地址支持的内容类型发送，通常为 application/json。
problem-cursor-invalid = 列表位置无效
    .detail = 无法打开列表的这个位置。请从头重新加载列表。
problem-idempotency-key-reused = 幂等键已被使用
    .detail = 此 Idempotency-Key 已用于另一个请求。请使用新的键发送。
problem-idempotency-in-progress = 仍在处理中
    .detail = 使用此 Idempotency-Key 的第一个请求仍在处理。请稍后重新发送。
problem-precondition-failed = 内容已有变化
    .detail = 您加载之后，内容已被修改。请重新加载后再修改。
problem-conflict = 与当前状态冲突
    .detail = 请求与目前保存的内容不一致。请重新加载后再试。

## On our side

problem-internal = 出了点问题
    .detail = 这是我们的错误，与您无关。请稍后重试。如果问题一直出现，请告诉我们请求编号。
problem-service-unavailable = 暂时无法使用
    .detail = 部分服务目前无法使用。请稍后重试。
problem-deadline-exceeded = 处理超时
    .detail = 请求处理时间过长，已被中止。请稍后重试。
problem-gateway-timeout = 响应超时
    .detail = 我们依赖的服务没有及时响应。请稍后重试。
problem-rate-limited = 请求过于频繁
    .detail = 请求次数过多。请在{ $wait }后重试。

## Sign-in and permission

problem-token-missing = 请先登录
    .detail = 登录后才能使用此功能。请登录后重试。
problem-token-invalid = 无法识别登录信息
    .detail = 您的登录信息无效。请重新登录。
problem-token-expired = 登录已过期
    .detail = 您的登录已过期。请刷新登录状态或重新登录。
problem-token-revoked = 已退出登录
    .detail = 此次登录已结束。请重新登录。
problem-session-suspended = 账号已被停用
    .detail = 此账号已被停用，目前无法使用。如果您认为有误，请联系我们。
problem-forbidden = 没有权限
    .detail = 您的账号无权进行此操作。如果您认为应当有权限，请联系我们。
problem-school-not-verified = 尚未验证学校
    .detail = 请先完成学校验证，然后重试。
problem-credentials-wrong = 账号或密码错误
    .detail = 账号或密码错误。请检查后重试，或使用验证码登录。
problem-sign-in-delayed = 密码错误次数过多
    .detail = 密码错误次数过多。请在{ $wait }后重试，或使用验证码登录。
problem-sign-in-code-required = 请使用验证码登录
    .detail = 密码错误次数过多，现在只能使用验证码登录。请通过短信或邮箱获取验证码。
problem-refresh-token-missing = 请先登录
    .detail = 请求中没有刷新令牌。请登录后重试。
problem-refresh-token-invalid = 无法识别登录信息
    .detail = 无法识别该刷新令牌。请重新登录。
problem-refresh-token-expired = 登录已过期
    .detail = 登录因长时间未使用或达到最长期限而过期。请重新登录。
problem-refresh-token-revoked = 已退出登录
    .detail = 该登录已结束。请重新登录。
problem-session-not-found = 没有找到该登录
    .detail = 您的登录记录中没有此编号。请重新加载设备列表。
problem-csrf-required = 缺少安全令牌
    .detail = x-csrf-token 标头必须与 csrf_token Cookie 一致。请刷新页面后重试。
problem-account-not-found = 账号不存在
    .detail = 没有找到对应的账号。请检查输入的内容，或注册新账号。

## Captcha

problem-captcha-required = 需要人机验证
    .detail = 请先完成人机验证，然后重试。
problem-captcha-failed = 人机验证未通过
    .detail = 人机验证没有通过。请再试一次，或重新开始验证。
problem-captcha-unavailable = 人机验证暂时无法使用
    .detail = 人机验证服务没有响应，因此无法发送消息或进行查询。请等待{ $wait }，然后重新开始验证。
problem-captcha-expired = 人机验证已过期
    .detail = 人机验证已过期或已被使用。请重新进行验证。
problem-captcha-not-found = 人机验证不存在
    .detail = 没有找到此人机验证。请重新开始验证。

## Verification codes

problem-code-mismatch = 验证码错误
    .detail = 这不是我们发送的验证码。请查看最新的消息，输入其中的六位数字。
problem-code-expired = 验证码已失效
    .detail = 此验证码已过期、已被使用，或已被新的验证码取代。请重新获取验证码。
problem-guesses-exhausted = 验证码错误次数过多
    .detail = 输入错误验证码的次数过多。请在{ $wait }后重新获取验证码。
problem-resend-too-soon = 验证码刚刚发送
    .detail = 我们刚刚发送过验证码。请在{ $wait }后重新获取。
problem-daily-limit-reached = 已达到每日上限
    .detail = 一天内可发送的验证码已用完。请在{ $wait }后重新获取。
problem-address-limit-reached = 此网络获取验证码过于频繁
    .detail = 您所在的网络获取验证码的次数过多。请在{ $wait }后重试，或使用其他网络。
problem-prefix-blocked = 未使用的验证码过多
    .detail = 发送到同号段手机号的验证码大多未被使用，暂时无法向该号段发送短信。请在{ $wait }后重试，或改用电子邮箱。
problem-sms-budget-exhausted = 短信已发完
    .detail = 可通过短信发送的验证码已发完。请在{ $wait }后重试，或改用电子邮箱。

## Proofs of a number or address

problem-proof-required = 需要验证
    .detail = 请先用验证码验证您的手机号码或电子邮箱。
problem-proof-invalid = 无法识别此验证
    .detail = 验证信息无效。请获取新的验证码重新验证。
problem-proof-expired = 验证已过期
    .detail = 距离您输入验证码的时间过长。请获取新的验证码重新验证。
problem-proof-spent = 验证已被使用
    .detail = 每次验证只能使用一次，此验证已被使用。请获取新的验证码重新验证。
problem-proof-mismatch = 与已验证的信息不符
    .detail = 您输入的信息与已验证的不同。请输入已验证的手机号码或电子邮箱，或验证您输入的信息。

## Already in use

problem-phone-taken = 手机号码已被使用
    .detail = 此手机号码已被其他账号使用。请用它登录，或输入其他号码。
problem-email-taken = 电子邮箱已被使用
    .detail = 此电子邮箱已被其他账号使用。请用它登录，或输入其他邮箱。
problem-username-taken = 用户名已被使用
    .detail = 此用户名已被他人使用。请选择其他用户名。
problem-nickname-taken = 昵称已被使用
    .detail = 此昵称已被他人使用。请选择其他昵称。
problem-school-name-taken = 学校已存在
    .detail = 已有同名的学校。请修改该学校，或输入其他名称。

## Schools

problem-school-not-found = 没有找到学校
    .detail = 没有此 ID 的学校。请重新加载学校列表。

## Accounts

problem-activation-required = 需要激活账号
    .detail = 请先打开注册时发送的邮件中的链接。如需重新发送，请申请重设密码。
problem-account-suspended = 账号已停用
    .detail = 此账号已被停用。如认为有误，请与我们联系。
problem-link-invalid = 无法识别的链接
    .detail = 无法识别此链接。请检查是否完整复制，或申请新的链接。
problem-link-expired = 链接已失效
    .detail = 此链接已失效，请申请新的链接。
problem-link-spent = 链接已使用
    .detail = 此链接已被使用。请登录，或申请新的链接。
problem-password-wrong = 当前密码错误
    .detail = 这不是您的当前密码。请检查后重试，或使用验证码。
problem-password-checks-exhausted = 密码错误次数过多
    .detail = 当前密码输入次数过多，请在{ $wait }后重试，或使用验证码。
problem-password-not-set = 没有密码
    .detail = 此账号没有密码。请改用短信或邮件中的验证码；如果没有手机号或邮箱地址，请先添加。
problem-phone-unchanged = 号码未改变
    .detail = 这已是您账号的手机号，请输入其他号码。
problem-email-unchanged = 地址未改变
    .detail = 这已是您账号的邮箱地址，请输入其他地址。
problem-school-email-taken = 学校邮箱已被使用
    .detail = 其他账号已用此地址验证学校。请使用您本人的地址，或与我们联系。
problem-own-account = 您自己的账号
    .detail = 您的账号须由其他管理员修改。
problem-account-not-active = 账号未在使用
    .detail = 此账号未激活或已删除，不能这样修改。
problem-account-is-admin = 管理员账号
    .detail = 管理员账号不能删除，请先取消其角色。

## Signing in by accounts elsewhere

problem-provider-not-offered = 不支持此登录方式
    .detail = 此处无法使用该服务登录，请选择其他方式。
problem-provider-unavailable = 无法连接登录服务
    .detail = 登录服务暂时没有响应。请在{ $wait }后重试，或选择其他登录方式。
problem-provider-token-invalid = 无法确认登录
    .detail = 登录服务未确认此次登录，请重新开始。
problem-state-invalid = 无法识别此次登录
    .detail = 此次登录不是从这里开始的，或由他人发起。请重新开始。
problem-state-expired = 登录已失效
    .detail = 此次登录用时过长或已完成，请重新开始。
problem-authorization-code-invalid = 登录未获批准
    .detail = 登录服务不再接受此次登录，请重新开始。
problem-ticket-invalid = 无法识别此次注册
    .detail = 无法识别注册信息，请重新通过登录服务登录。
problem-ticket-expired = 注册已失效
    .detail = 时间过长或此次注册已完成，请重新通过登录服务登录。
problem-identity-taken = 已被关联
    .detail = 该外部账号已关联其他账号，或您的账号已关联另一个外部账号。请使用已关联的外部账号、验证码或密码登录。
problem-last-way-in = 唯一的登录方式
    .detail = 移除后您将无法登录。请先设置密码、验证手机号或邮箱，或关联其他账号。

## Screenings

problem-library-not-found = 没有找到图书馆
    .detail = 没有此 ID 的图书馆。请重新加载图书馆列表。
problem-film-not-found = 没有找到影片
    .detail = 没有此 ID 的影片。请重新加载影片列表。
problem-screening-not-found = 没有找到放映
    .detail = 没有此 ID 的放映，它可能已被取消。请重新加载放映列表。
problem-library-in-use = 此图书馆还有未开始的放映
    .detail = 此图书馆还有未开始的放映。请先取消或移走这些放映，再删除图书馆。
problem-film-in-use = 此影片还有未开始的放映
    .detail = 此影片还有未开始的放映。请先取消这些放映，再删除影片。
problem-screening-cancelled = 放映已取消
    .detail = 已取消的放映不能再更改。请发布新的放映。

## Notifications

problem-phone-not-verified = 没有已验证的手机号码
    .detail = 请先验证您的手机号码，再开启短信通知。
problem-notification-not-found = 未找到该通知
    .detail = 该通知不存在或已被删除。请重新加载通知列表。
problem-unsubscription-not-found = 退订链接无效
    .detail = 请重新点击邮件中的退订按钮，或在 Campus 的通知设置中关闭。
problem-export-not-found = 找不到该导出
    .detail = 请检查地址是否正确，或重新申请导出您的数据。
problem-export-expired = 此链接已失效
    .detail = 链接已过期，或导出的数据已被删除。请在设置中获取新的链接，或重新申请导出。
problem-export-limit-reached = 已达到每日上限
    .detail = 一天内可申请导出的次数已用完。请在{ $wait }后重新申请。

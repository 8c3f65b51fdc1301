"""What stands in the trail after each route that writes or tells of a child (SECURITY AU-01), typed by hand.

A line is a route, a method and the act that must be recorded whenever the answer is below 400. A route that writes
and stands neither here nor in QUIET fails test_access.py, and so does an act without a name for the trail's page.
"""

TRAIL = """
account_logout                POST  log_out
api:case                      GET   case_viewed
api:case_amend_child          POST  child_amended
api:case_assign               POST  case_assigned
api:case_confer               POST  case_conferred
api:case_confirm_enrolment    POST  enrolment_confirmed
api:case_deny_enrolment       POST  enrolment_denied
api:case_enrolment            POST  enrolment_claimed
api:case_escalate             POST  request_asked
api:case_flag_unsafe          POST  flag_unsafe
api:case_plan_help            POST  help_planned
api:case_refer                POST  case_referred
api:case_request_closing      POST  request_asked
api:case_request_correction   POST  request_asked
api:case_request_removal      POST  request_asked
api:case_request_transfer     POST  request_asked
api:case_send_to_centre       POST  request_asked
api:case_teacher              POST  teacher_named
api:child_ask                 POST  request_asked
api:child_check               POST  identity_checked
api:children                  POST  child_reported
api:duplicate_decide          POST  cases_told_apart
api:export_file               GET   downloaded
api:exports                   POST  export_asked
api:hand_overs                POST  work_handed_over
api:help                      GET   case_viewed
api:help_done                 POST  help_given
api:invitations               POST  invitation_made
api:list_check                POST  list_checked
api:list_check_amend          POST  child_amended
api:list_check_duplicate      POST  list_checked
api:list_check_line           POST  list_checked
api:list_check_picture        GET   photo_viewed
api:people                    POST  person_create
api:photo                     GET   photo_viewed
api:posting_end               POST  posting_end
api:referral_answer           POST  referral_answered
api:referral_recall           POST  referral_recalled
api:request                   GET   case_viewed
api:request_answer            POST  request_answered
api:request_picture           GET   photo_viewed
api:transfer                  GET   case_viewed
api:transfer_answer           POST  request_answered
api:transfer_recall           POST  request_answered
api:transfers                 POST  request_asked
api:visits                    GET   case_viewed
api:visits                    POST  visit_recorded
cases:act=amend_child         GET   case_viewed
cases:act=amend_child         POST  child_amended
cases:act=confer              POST  case_conferred
cases:act=escalate            POST  request_asked
cases:act=flag_unsafe         POST  flag_unsafe
cases:act=plan_help           POST  help_planned
cases:act=refer               POST  case_referred
cases:act=request_closing     POST  request_asked
cases:act=request_correction  POST  request_asked
cases:act=request_removal     POST  request_asked
cases:act=request_transfer    POST  request_asked
cases:act=send_to_centre      POST  request_asked
cases:assign                  POST  case_assigned
cases:assign_many             POST  cases_routed
cases:case_detail             GET   case_viewed
cases:check_amend             GET   case_viewed
cases:check_amend             POST  child_amended
cases:check_duplicate         POST  list_checked
cases:check_lines             POST  list_checked
cases:check_picture           GET   photo_viewed
cases:duplicate_decide        POST  cases_told_apart
cases:duplicate_detail        GET   case_viewed
cases:enrolment_new           POST  enrolment_claimed
cases:guardian_letter         GET   sheet_printed
cases:hand_over               POST  work_handed_over
cases:help_done               POST  help_given
cases:import_file             GET   import_file_downloaded
cases:name_teacher            POST  teacher_named
cases:name_teachers           POST  teacher_named
cases:photo                   GET   photo_viewed
cases:received_detail         GET   case_viewed
cases:referral_answer         POST  referral_answered
cases:referral_detail         GET   referral_viewed
cases:referral_recall         POST  referral_recalled
cases:report_child            POST  identity_checked
cases:request_answer          POST  request_answered
cases:request_detail          GET   case_viewed
cases:request_picture         GET   photo_viewed
cases:reveal                  POST  id_revealed
cases:visit_new               POST  visit_recorded
cases:visit_sheet             GET   sheet_printed
reports:children              GET   list_viewed
reports:export_file           GET   downloaded
reports:export_new            POST  export_asked
schools:invitation            POST  invitation_used
schools:people_upload_links   POST  downloaded
schools:person_new            POST  person_create
schools:posting_end           POST  posting_end
"""

# Of many at once: those out of scope are left out, so the answer is the same though nothing is done.
IF_WRITTEN = {"cases:assign_many", "cases:name_teachers"}

QUIET = {  # routes that write and of which the walk sees no act
    **dict.fromkeys(
        ("account_login", "account_change_password", "account_reauthenticate"),
        "refused here: what is sent is wrong; test_accounts.py has the acts",
    ),
    **dict.fromkeys(
        ("api:imports", "cases:import_new", "cases:import_map", "api:import_commit", "cases:import_commit"),
        "a job, whose row says who and when; its worker records list_imported with what lands",
    ),
    **dict.fromkeys(
        ("schools:people_upload_new", "schools:people_upload_commit"), "a job; its worker records people_import"
    ),
    **dict.fromkeys(
        ("api:job_cancel", "cases:import_cancel", "schools:job_cancel"),
        "one's own job; its row says so",
    ),
    **dict.fromkeys(
        ("api:posting", "api:posting_confirm", "schools:posting_change", "schools:posting_confirm"),
        "nothing changes of what the world has; test_postings.py has the acts",
    ),
    "schools:invitation_new": "for whom no link is to be made here; test_invitations.py has the act",
    **dict.fromkeys(
        ("cases:check_sign", "cases:check_return"),
        "no list of the world is answered whole; for test_checking.py",
    ),
    **dict.fromkeys(
        ("cases:desk_route", "cases:desk_undo", "cases:request_grant_many"), "nothing, or nothing legal, is chosen here"
    ),
    "cases:search": "names are searched in the list it leads to, which records it; by number it is recorded",
    "csp_report": "a browser's own word",
    "set_language": "a preference of the reader",
}


def expected_acts() -> dict[tuple[str, str], str]:
    """(route, method) → the act that must stand in the trail."""
    lines = (line.split() for line in TRAIL.strip().splitlines())
    return {(route, method): act for route, method, act in lines}

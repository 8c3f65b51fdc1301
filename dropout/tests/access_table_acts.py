"""What the API of actions, requests and returns answers to every role, typed by hand: read with access_table.py.

The child of every place was found, is safe and was never in school again; that of `received` is said to be.
"""

ACTS_API = """
#                                  relation                  tea dir dst pro dep min par aud adm cha for nob
api:case_amend_child          POST own                       200 200 200 403 403 403 404 403 404 404 404 401
api:case_amend_child          POST sister                    404 404 200 403 403 403 404 403 404 404 404 401
api:case_amend_child          POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 401
api:case_amend_child          POST college                   404 404 404 403 404 403 404 403 404 404 404 401
api:case_amend_child          POST other_province            404 404 404 404 403 403 404 403 404 404 404 401
api:case_amend_child          POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_amend_child          GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_request_correction   POST own                       200 200 200 403 403 403 404 403 404 404 404 401
api:case_request_correction   POST sister                    404 404 200 403 403 403 404 403 404 404 404 401
api:case_request_correction   POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 401
api:case_request_correction   POST college                   404 404 404 403 404 403 404 403 404 404 404 401
api:case_request_correction   POST other_province            404 404 404 404 403 403 404 403 404 404 404 401
api:case_request_correction   POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_request_correction   GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_plan_help            POST own                       200 200 200 403 403 403 404 403 404 404 404 401
api:case_plan_help            POST sister                    404 404 200 403 403 403 404 403 404 404 404 401
api:case_plan_help            POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 401
api:case_plan_help            POST college                   404 404 404 403 404 403 404 403 404 404 404 401
api:case_plan_help            POST other_province            404 404 404 404 403 403 404 403 404 404 404 401
api:case_plan_help            POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_plan_help            GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_confer               POST own                       200 200 200 403 403 403 404 403 404 404 404 401
api:case_confer               POST sister                    404 404 200 403 403 403 404 403 404 404 404 401
api:case_confer               POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 401
api:case_confer               POST college                   404 404 404 403 404 403 404 403 404 404 404 401
api:case_confer               POST other_province            404 404 404 404 403 403 404 403 404 404 404 401
api:case_confer               POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_confer               GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_refer                POST own                       403 200 200 403 403 403 404 403 404 404 404 401
api:case_refer                POST sister                    404 404 200 403 403 403 404 403 404 404 404 401
api:case_refer                POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 401
api:case_refer                POST college                   404 404 404 403 404 403 404 403 404 404 404 401
api:case_refer                POST other_province            404 404 404 404 403 403 404 403 404 404 404 401
api:case_refer                POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_refer                GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_flag_unsafe          POST own                       200 200 200 403 403 403 404 403 404 404 404 401
api:case_flag_unsafe          POST sister                    404 404 200 403 403 403 404 403 404 404 404 401
api:case_flag_unsafe          POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 401
api:case_flag_unsafe          POST college                   404 404 404 403 404 403 404 403 404 404 404 401
api:case_flag_unsafe          POST other_province            404 404 404 404 403 403 404 403 404 404 404 401
api:case_flag_unsafe          POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_flag_unsafe          GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_clear_unsafe         POST own                       403 409 409 403 403 403 404 403 404 404 404 401
api:case_clear_unsafe         POST sister                    404 404 409 403 403 403 404 403 404 404 404 401
api:case_clear_unsafe         POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 401
api:case_clear_unsafe         POST college                   404 404 404 403 404 403 404 403 404 404 404 401
api:case_clear_unsafe         POST other_province            404 404 404 404 403 403 404 403 404 404 404 401
api:case_clear_unsafe         POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_clear_unsafe         GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_confirm_enrolment    POST own                       403 409 409 403 403 403 404 403 404 404 404 401
api:case_confirm_enrolment    POST sister                    404 404 409 403 403 403 404 403 404 404 404 401
api:case_confirm_enrolment    POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 401
api:case_confirm_enrolment    POST college                   404 404 404 403 404 403 404 403 404 404 404 401
api:case_confirm_enrolment    POST other_province            404 404 404 404 403 403 404 403 404 404 404 401
api:case_confirm_enrolment    POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_confirm_enrolment    POST received                  403 200 200 403 403 403 404 403 404 404 404 401
api:case_confirm_enrolment    GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_deny_enrolment       POST own                       403 409 409 403 403 403 404 403 404 404 404 401
api:case_deny_enrolment       POST sister                    404 404 409 403 403 403 404 403 404 404 404 401
api:case_deny_enrolment       POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 401
api:case_deny_enrolment       POST college                   404 404 404 403 404 403 404 403 404 404 404 401
api:case_deny_enrolment       POST other_province            404 404 404 404 403 403 404 403 404 404 404 401
api:case_deny_enrolment       POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_deny_enrolment       POST received                  403 200 200 403 403 403 404 403 404 404 404 401
api:case_deny_enrolment       GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_withdraw_enrolment   POST own                       409 409 409 403 403 403 404 403 404 404 404 401
api:case_withdraw_enrolment   POST sister                    404 404 409 403 403 403 404 403 404 404 404 401
api:case_withdraw_enrolment   POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 401
api:case_withdraw_enrolment   POST college                   404 404 404 403 404 403 404 403 404 404 404 401
api:case_withdraw_enrolment   POST other_province            404 404 404 404 403 403 404 403 404 404 404 401
api:case_withdraw_enrolment   POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_withdraw_enrolment   GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_follow_up            POST own                       409 409 409 403 403 403 404 403 404 404 404 401
api:case_follow_up            POST sister                    404 404 409 403 403 403 404 403 404 404 404 401
api:case_follow_up            POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 401
api:case_follow_up            POST college                   404 404 404 403 404 403 404 403 404 404 404 401
api:case_follow_up            POST other_province            404 404 404 404 403 403 404 403 404 404 404 401
api:case_follow_up            POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_follow_up            POST received                  409 409 409 403 403 403 404 403 404 404 404 401
api:case_follow_up            GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_hand_over            POST own                       409 409 409 403 403 403 404 403 404 404 404 401
api:case_hand_over            POST sister                    404 404 409 403 403 403 404 403 404 404 404 401
api:case_hand_over            POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 401
api:case_hand_over            POST college                   404 404 404 403 404 403 404 403 404 404 404 401
api:case_hand_over            POST other_province            404 404 404 404 403 403 404 403 404 404 404 401
api:case_hand_over            POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_hand_over            POST received                  409 409 409 403 403 403 404 403 404 404 404 401
api:case_hand_over            GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_drop_again           POST own                       409 409 409 403 403 403 404 403 404 404 404 401
api:case_drop_again           POST sister                    404 404 409 403 403 403 404 403 404 404 404 401
api:case_drop_again           POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 401
api:case_drop_again           POST college                   404 404 404 403 404 403 404 403 404 404 404 401
api:case_drop_again           POST other_province            404 404 404 404 403 403 404 403 404 404 404 401
api:case_drop_again           POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_drop_again           POST received                  409 409 409 403 403 403 404 403 404 404 404 401
api:case_drop_again           GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_request_not_found    POST own                       409 409 409 409 409 403 404 403 404 404 404 401
api:case_request_not_found    POST sister                    404 404 409 409 409 403 404 403 404 404 404 401
api:case_request_not_found    POST other_district,secondary  404 404 404 409 409 403 404 403 404 404 404 401
api:case_request_not_found    POST college                   404 404 404 409 404 403 404 403 404 404 404 401
api:case_request_not_found    POST other_province            404 404 404 404 409 403 404 403 404 404 404 401
api:case_request_not_found    POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_request_not_found    GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_request_closing      POST own                       200 200 200 200 200 403 404 403 404 404 404 401
api:case_request_closing      POST sister                    404 404 200 200 200 403 404 403 404 404 404 401
api:case_request_closing      POST other_district,secondary  404 404 404 200 200 403 404 403 404 404 404 401
api:case_request_closing      POST college                   404 404 404 200 404 403 404 403 404 404 404 401
api:case_request_closing      POST other_province            404 404 404 404 200 403 404 403 404 404 404 401
api:case_request_closing      POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_request_closing      GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_request_transfer      POST own                       200 200 200 200 200 403 404 403 404 404 404 401
api:case_request_transfer      POST sister                    404 404 200 200 200 403 404 403 404 404 404 401
api:case_request_transfer      POST other_district,secondary  404 404 404 200 200 403 404 403 404 404 404 401
api:case_request_transfer      POST college                   404 404 404 200 404 403 404 403 404 404 404 401
api:case_request_transfer      POST other_province            404 404 404 404 200 403 404 403 404 404 404 401
api:case_request_transfer      POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_request_transfer      GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_send_to_centre        POST own                       200 200 200 200 200 403 404 403 404 404 404 401
api:case_send_to_centre        POST sister                    404 404 200 200 200 403 404 403 404 404 404 401
api:case_send_to_centre        POST other_district,secondary  404 404 404 200 200 403 404 403 404 404 404 401
api:case_send_to_centre        POST college                   404 404 404 200 404 403 404 403 404 404 404 401
api:case_send_to_centre        POST other_province            404 404 404 404 200 403 404 403 404 404 404 401
api:case_send_to_centre        POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_send_to_centre        GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_escalate              POST own                       200 200 200 200 200 403 404 403 404 404 404 401
api:case_escalate              POST sister                    404 404 200 200 200 403 404 403 404 404 404 401
api:case_escalate              POST other_district,secondary  404 404 404 200 200 403 404 403 404 404 404 401
api:case_escalate              POST college                   404 404 404 200 404 403 404 403 404 404 404 401
api:case_escalate              POST other_province            404 404 404 404 200 403 404 403 404 404 404 401
api:case_escalate              POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_escalate              GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_request_removal      POST own                       200 200 200 200 200 403 404 403 404 404 404 401
api:case_request_removal      POST sister                    404 404 200 200 200 403 404 403 404 404 404 401
api:case_request_removal      POST other_district,secondary  404 404 404 200 200 403 404 403 404 404 404 401
api:case_request_removal      POST college                   404 404 404 200 404 403 404 403 404 404 404 401
api:case_request_removal      POST other_province            404 404 404 404 200 403 404 403 404 404 404 401
api:case_request_removal      POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_request_removal      GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:case_reopen               POST own                       403 403 409 409 409 403 404 403 404 404 404 401
api:case_reopen               POST sister                    404 404 409 409 409 403 404 403 404 404 404 401
api:case_reopen               POST other_district,secondary  404 404 404 409 409 403 404 403 404 404 404 401
api:case_reopen               POST college                   404 404 404 409 404 403 404 403 404 404 404 401
api:case_reopen               POST other_province            404 404 404 404 409 403 404 403 404 404 404 401
api:case_reopen               POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_reopen               GET  own                       405 405 405 405 405 405 405 405 405 405 405 401
"""

REQUESTS_API = """
#                                  relation                  tea dir dst pro dep min par aud adm cha for nob
api:case_actions              GET  own                       200 200 200 200 200 200 404 200 404 404 404 401
api:case_actions              GET  sister                    404 404 200 200 200 200 404 200 404 404 404 401
api:case_actions              GET  other_district,secondary  404 404 404 200 200 200 404 200 404 404 404 401
api:case_actions              GET  college                   404 404 404 200 404 200 404 200 404 404 404 401
api:case_actions              GET  other_province            404 404 404 404 200 200 404 200 404 404 404 401
api:case_actions              GET  received                  200 200 200 200 200 200 404 200 404 404 404 401
api:case_actions              GET  missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:case_actions              POST own                       405 405 405 405 405 405 405 405 405 405 405 401

api:request                   GET  own                       200 200 200 200 200 200 404 200 404 404 404 401
api:request                   GET  sister                    404 404 200 200 200 200 404 200 404 404 404 401
api:request                   GET  other_district,secondary  404 404 404 200 200 200 404 200 404 404 404 401
api:request                   GET  college                   404 404 404 200 404 200 404 200 404 404 404 401
api:request                   GET  other_province            404 404 404 404 200 200 404 200 404 404 404 401
api:request                   GET  missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:request                   POST own                       405 405 405 405 405 405 405 405 405 405 405 401

api:request_answer            POST own                       403 403 200 403 403 403 404 403 404 404 404 401
api:request_answer            POST sister                    404 404 200 403 403 403 404 403 404 404 404 401
api:request_answer            POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 401
api:request_answer            POST college                   404 404 404 403 404 403 404 403 404 404 404 401
api:request_answer            POST other_province            404 404 404 404 403 403 404 403 404 404 404 401
api:request_answer            POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:request_answer            GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:request_picture           GET  own                       200 200 200 200 200 404 404 404 404 404 404 401
api:request_picture           GET  sister                    404 404 200 200 200 404 404 404 404 404 404 401
api:request_picture           GET  other_district,secondary  404 404 404 200 200 404 404 404 404 404 404 401
api:request_picture           GET  college                   404 404 404 200 404 404 404 404 404 404 404 401
api:request_picture           GET  other_province            404 404 404 404 200 404 404 404 404 404 404 401
api:request_picture           GET  missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:request_picture           POST own                       405 405 405 405 405 405 405 405 405 405 405 401

api:transfer                  GET  own                       200 200 200 200 200 200 404 200 404 404 404 401
api:transfer                  GET  sister                    404 404 200 200 200 200 404 200 404 404 404 401
api:transfer                  GET  other_district,secondary  404 404 404 200 200 200 404 200 404 404 404 401
api:transfer                  GET  college                   404 404 404 200 404 200 404 200 404 404 404 401
api:transfer                  GET  other_province            404 404 404 404 200 200 404 200 404 404 404 401
api:transfer                  GET  missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:transfer                  POST own                       405 405 405 405 405 405 405 405 405 405 405 401

api:transfer_answer           POST own                       403 403 200 403 403 403 404 403 404 404 404 401
api:transfer_answer           POST sister                    404 404 200 403 403 403 404 403 404 404 404 401
# nobody answers at the offices of these two, so their province does
api:transfer_answer           POST secondary                 404 404 404 200 403 403 404 403 404 404 404 401
api:transfer_answer           POST college                   404 404 404 200 404 403 404 403 404 404 404 401
api:transfer_answer           POST other_district            404 404 404 403 403 403 404 403 404 404 404 401
api:transfer_answer           POST other_province            404 404 404 404 403 403 404 403 404 404 404 401
api:transfer_answer           POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:transfer_answer           GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:transfer_recall           POST own                       200 200 403 403 403 403 404 403 404 404 404 401
api:transfer_recall           POST sister                    404 404 403 403 403 403 404 403 404 404 404 401
api:transfer_recall           POST other_district,secondary  404 404 404 403 403 403 404 403 404 404 404 401
api:transfer_recall           POST college                   404 404 404 403 404 403 404 403 404 404 404 401
api:transfer_recall           POST other_province            404 404 404 404 403 403 404 403 404 404 404 401
api:transfer_recall           POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:transfer_recall           GET  own                       405 405 405 405 405 405 405 405 405 405 405 401

api:requests                  GET  -                         200 200 200 200 200 200 200 200 200 200 200 401
api:requests                  POST -                         405 405 405 405 405 405 405 405 405 405 405 401
api:requests                  GET  by_number,by_fields       400 400 400 400 400 400 400 400 400 400 400 401
api:transfers                 GET  -                         200 200 200 200 200 200 200 200 200 200 200 401
api:transfers                 POST own                       201 201 201 201 201 403 404 403 404 404 404 401
api:transfers                 POST sister                    404 404 201 201 201 403 404 403 404 404 404 401
api:transfers                 POST other_district,secondary  404 404 404 201 201 403 404 403 404 404 404 401
api:transfers                 POST college                   404 404 404 201 404 403 404 403 404 404 404 401
api:transfers                 POST other_province            404 404 404 404 201 403 404 403 404 404 404 401
api:transfers                 POST missing                   404 404 404 404 404 404 404 404 404 404 404 401
api:transfers                 PUT  -                         405 405 405 405 405 405 405 405 405 405 405 401
api:enrolments                GET  -                         200 200 200 200 200 200 200 200 200 200 200 401
api:enrolments                POST -                         405 405 405 405 405 405 405 405 405 405 405 401
api:enrolments                GET  by_number,by_order        400 400 400 400 400 400 400 400 400 400 400 401
api:follow_ups                GET  -                         200 200 200 200 200 200 200 200 200 200 200 401
api:follow_ups                POST -                         405 405 405 405 405 405 405 405 405 405 405 401
"""
